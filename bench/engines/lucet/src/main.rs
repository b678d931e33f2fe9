//! Lucet as a worker: lucetc compiles a module to an object, the system's linker makes a shared
//! object of it, and lucet-runtime loads and runs that.

mod compile;
mod entry;
mod errors;
mod marks;
mod wasi;

use compile::Object;
use entry::Instance;
use errors::Stop;
use lucet_module::bindings::Bindings;
use lucet_runtime::{DlModule, Limits, MmapRegion, Region};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempPath;
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Capabilities, Difference, Error, ErrorKind, Hello, Result};
use worker::{locked_version, Engine, Guest};

fn main() -> std::io::Result<()> {
    // These keep functions that only loaded modules call from being dropped by the linker.
    lucet_runtime::lucet_internal_ensure_linked();
    wasi::ensure_linked();
    marks::ensure_linked();
    worker::serve::<Lucet>()
}

/// What the guest may use: the limits of Lucet's own command for WASI programs, with room for
/// more globals and for the signal frames of today's CPUs.
const LIMITS: Limits = Limits {
    heap_memory_size: 4 << 30,
    heap_address_space_size: 8 << 30,
    stack_size: 8 << 20,
    globals_size: 64 << 10,
    signal_stack_size: 128 << 10,
};

/// Instances that exist at once: the one that is held and the one that is measured.
const SLOTS: usize = 2;

/// The memory for instances, and the names of the host functions that modules may import.
struct Lucet {
    region: Arc<MmapRegion>,
    bindings: Bindings,
    /// The file that the next load takes.
    fresh: Option<TempPath>,
}

/// A module on its way: it can be instantiated only when it is linked and loaded.
enum Module {
    Compiled(Object),
    Loaded {
        module: Arc<DlModule>,
        // Dropped, and removed, after the module.
        _file: TempPath,
    },
}

impl Engine for Lucet {
    const CONFIGURATIONS: &'static [&'static str] = &["lucet"];

    /// Which symbol stands for which import, for the compiler.
    type Configuration = Bindings;
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let linker = compile::linker_version()?;
        let compiler = format!("Cranelift {}, linked by {linker}", locked_version!("cranelift-codegen"));
        let flags = "OptLevel::SpeedAndSize (lucetc's default); the host's CPU features; \
                    4 GiB reserved for a memory, so without bounds checks; 8 MiB guest stack";
        let can = Capabilities {
            parse: Ability::no("lucetc offers no validation apart from compilation"),
            jit: Ability::no("Lucet runs shared objects only; its AOT total stands beside the others' JIT"),
            ..Capabilities::ALL
        };
        let version = locked_version!("lucet-runtime");
        let differences = vec![Difference {
            functions: vec!["poll_oneoff".to_owned()],
            words: "lucet-wasi cannot wait: poll_oneoff returns ENOTSUP".to_owned(),
        }];
        let hello = kit::hello(name, version, compiler, flags.to_owned(), &NOTES);
        Ok(Hello { can, differences, ..hello })
    }

    fn configure(_: &str) -> Result<Bindings> {
        let mut bindings = wasi::bindings()?;
        bindings.extend(&marks::bindings()).map_err(Error::internal)?;
        Ok(bindings)
    }

    fn create(bindings: &Bindings) -> Result<Lucet> {
        Ok(Lucet { region: region()?, bindings: bindings.clone(), fresh: None })
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        Object::compile(wasm, self.bindings.clone()).map(Module::Compiled)
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        match module {
            Module::Compiled(object) => object.link(artifact),
            Module::Loaded { .. } => Err(Error::unsupported("Lucet cannot save a module that it has loaded")),
        }
    }

    /// The system's loader gives out what is loaded already, by path and by inode: only a new
    /// file makes a load a real one.
    fn before_load(&mut self, artifact: &Path) -> Result<()> {
        let folder = artifact.parent().unwrap_or(Path::new("."));
        let fresh = tempfile::Builder::new().prefix("load.").tempfile_in(folder)?.into_temp_path();
        std::fs::copy(artifact, &fresh).map_err(|error| {
            Error::new(ErrorKind::Io, format!("cannot copy {}: {error}", artifact.display()))
        })?;
        self.fresh = Some(fresh);
        Ok(())
    }

    fn load(&mut self, _: &Path) -> Result<Module> {
        let file =
            self.fresh.take().ok_or_else(|| Error::internal("no fresh copy was made for this load"))?;
        let module = DlModule::load(&file).map_err(|error| Error::rejected(errors::chain(&error)))?;
        Ok(Module::Loaded { module, _file: file })
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        let Module::Loaded { module, .. } = module else {
            return Err(Error::unsupported("Lucet instantiates only what it has loaded from an artifact"));
        };
        let mut builder = self.region.new_instance_builder(module.clone());
        if let Some(context) = wasi::context(guest)? {
            builder = builder.with_embed_ctx(context);
        }
        match builder.build() {
            Ok(handle) => Ready::find(Instance { handle, module: module.clone() }, guest),
            Err(error) => {
                // A failed instantiation may keep its slot for ever: the next one gets a new region.
                self.region = region()?;
                Err(Stop::Error(error).at_start())
            }
        }
    }
}

fn region() -> Result<Arc<MmapRegion>> {
    MmapRegion::create(SLOTS, &LIMITS).map_err(|error| Error::internal(errors::chain(&error)))
}

const NOTES: [&str; 8] = [
    "b' is the system's linker, as in lucetc's own shared_object_file; its processor time counts",
    "c' loads a fresh copy of the artifact, made before the clock starts: nothing is shared with another load",
    "a+b ends with the object file in the temporary folder, which the linker reads",
    "the region (two slots of 8 GiB of address space) is made with the engine, outside every total",
    "every call looks its export up by name: Instance::run is the only way in that Lucet offers",
    "WASI: lucet-wasi speaks wasi_unstable; its functions are bound under preview 1's names too, with the \
     whence of fd_seek and the layout of filestat translated",
    "WASI differs from preview 1: poll_oneoff (sleeping) returns ENOTSUP, proc_raise and sockets are missing",
    "modules are MVP with sign extension and saturating conversions; three dependencies carry small \
     patches for today's compiler and CPUs",
];
