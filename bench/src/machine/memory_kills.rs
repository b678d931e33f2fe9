//! Processes that the system killed because memory ran out: the machine's fault, not that of the engine which
//! was killed.

use std::fs;

/// The system's count of such processes, at a moment.
#[derive(Debug)]
pub struct MemoryKills {
    count: Option<u64>,
}

impl MemoryKills {
    /// The count now; where the system does not tell it, nothing is ever blamed on memory.
    pub fn now() -> MemoryKills {
        MemoryKills { count: fs::read_to_string("/proc/vmstat").ok().and_then(|text| count(&text)) }
    }

    /// Whether there was one since the last look.
    pub fn any_since(&mut self) -> bool {
        let now = MemoryKills::now();
        let more = self.count.zip(now.count).is_some_and(|(before, now)| now > before);
        *self = now;
        more
    }
}

fn count(vmstat: &str) -> Option<u64> {
    vmstat.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_and_its_absence_is_no_kill() {
        assert_eq!(count("nr_free_pages 12\noom_kill 3\nballoon_inflate 0\n"), Some(3));
        assert_eq!(count("nr_free_pages 12\n"), None);
        assert!(!MemoryKills { count: None }.any_since());
        let mut before = MemoryKills::now();
        assert!(!before.any_since());
    }
}
