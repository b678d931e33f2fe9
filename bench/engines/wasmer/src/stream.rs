//! A standard stream of the guest as wasmer-wasix takes it, with nothing between its calls and
//! the memory file: wasix's own file type would hand every write to another thread.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};
use wasmer_wasix::FsError;
use wasmer_wasix::virtual_fs::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf, VirtualFile};

/// What a poll says of the room for writing, as wasix's own files say it.
const WRITABLE_BYTES: usize = 8192;

/// A descriptor of a memory file; every read and write is one system call on it, made at once by
/// the thread that asks.
#[derive(Debug)]
pub struct Stream(File);

impl Stream {
    /// A stream on a descriptor of its own, which shares its position with `file`.
    ///
    /// # Errors
    /// When the descriptor cannot be duplicated.
    pub fn on(file: &File) -> io::Result<Box<Stream>> {
        Ok(Box::new(Stream(file.try_clone()?)))
    }

    /// One of the file's times in nanoseconds since 1970; 0 where there is none.
    fn time_ns(&self, which: impl Fn(&Metadata) -> io::Result<SystemTime>) -> u64 {
        let time = self.0.metadata().and_then(|metadata| which(&metadata));
        let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
    }

    fn left_bytes(&self) -> io::Result<usize> {
        let left = self.0.metadata()?.len().saturating_sub((&self.0).stream_position()?);
        Ok(usize::try_from(left).unwrap_or(usize::MAX))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = (&self.0).read(buffer.initialize_unfilled())?;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready((&self.0).write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncSeek for Stream {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        (&self.0).seek(position).map(drop)
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready((&self.0).stream_position())
    }
}

impl VirtualFile for Stream {
    fn last_accessed(&self) -> u64 {
        self.time_ns(Metadata::accessed)
    }

    fn last_modified(&self) -> u64 {
        self.time_ns(Metadata::modified)
    }

    fn created_time(&self) -> u64 {
        self.time_ns(Metadata::created)
    }

    fn size(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }

    fn set_len(&mut self, bytes: u64) -> Result<(), FsError> {
        self.0.set_len(bytes).map_err(FsError::from)
    }

    fn unlink(&mut self) -> Result<(), FsError> {
        // A memory file has no name that could be removed.
        Err(FsError::Unsupported)
    }

    fn poll_read_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<usize>> {
        Poll::Ready(self.left_bytes())
    }

    fn poll_write_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(WRITABLE_BYTES))
    }
}
