//! What the control groups of this process say about processor time: the quota, and for how long it held processes
//! back. Containers and many build servers have one.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the control groups that limit this process's processor time, and of all that they are in.
#[derive(Debug)]
pub struct ControlGroups {
    folders: Vec<PathBuf>,
}

impl ControlGroups {
    /// Those of this process; none where the system has no control groups.
    pub fn of_this_process() -> ControlGroups {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        ControlGroups::of(&groups, Path::new("/sys/fs/cgroup"))
    }

    /// Those in `groups`, the text of `/proc/self/cgroup` (cgroups(7)), whose hierarchies are mounted at `root`: version
    /// 2 at `root` itself, or at `unified` beside those of version 1, which are named after their controllers.
    fn of(groups: &str, root: &Path) -> ControlGroups {
        let mut folders = Vec::new();
        for line in groups.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
            let mounts = match controllers {
                "" => vec![root.to_owned(), root.join("unified")],
                _ if controllers.split(',').any(|one| one == "cpu") => {
                    vec![root.join(controllers), root.join("cpu")]
                }
                _ => continue,
            };
            // Within a container the path may be one that only the system outside has; the mount itself is there.
            let path = Path::new(path.trim_start_matches('/'));
            for mount in mounts {
                folders.extend(path.ancestors().map(|group| mount.join(group)));
            }
        }
        let identity = |folder: &PathBuf| folder.canonicalize().ok();
        let mut folders: Vec<PathBuf> = folders.iter().filter_map(identity).collect();
        folders.sort();
        folders.dedup();
        ControlGroups { folders }
    }

    /// The processor time that may be used each second, in seconds, so 1.5 for one and a half processors; the least of
    /// all groups, and `None` without a quota.
    pub fn quota_cpus(&self) -> Option<f64> {
        self.folders.iter().filter_map(|folder| quota_cpus(folder)).min_by(f64::total_cmp)
    }

    /// For how long the quotas have held processes back so far, in seconds; `None` where no group says.
    pub fn throttled_s(&self) -> Option<f64> {
        let groups: Vec<f64> = self.folders.iter().filter_map(|folder| throttled_s(folder)).collect();
        (!groups.is_empty()).then(|| groups.iter().sum())
    }
}

/// The quota of one group: `cpu.max` has quota and period of version 2, and version 1 has a file for each.
fn quota_cpus(folder: &Path) -> Option<f64> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).ok();
    let (quota, period) = match read("cpu.max") {
        Some(both) => both.split_once(' ').map(|(quota, period)| (quota.to_owned(), period.to_owned()))?,
        None => (read("cpu.cfs_quota_us")?, read("cpu.cfs_period_us")?),
    };
    // Without a quota it is `max` or -1.
    let (quota, period): (f64, f64) = (quota.trim().parse().ok()?, period.trim().parse().ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

/// How long one group was held back: microseconds in version 2, nanoseconds in version 1.
fn throttled_s(folder: &Path) -> Option<f64> {
    let text = fs::read_to_string(folder.join("cpu.stat")).ok()?;
    let of = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
    of("throttled_usec ").map(|us| us / 1e6).or_else(|| of("throttled_time ").map(|ns| ns / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes files with their text below `root`.
    fn write(root: &Path, files: &[(&str, &str)]) {
        for (file, text) in files {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }

    #[test]
    fn the_least_quota_of_a_group_and_those_around_it_counts() {
        let root = tempfile::tempdir().unwrap();
        let inner = "usage_usec 5\nnr_throttled 3\nthrottled_usec 1500000\n";
        write(
            root.path(),
            &[
                ("cpu.stat", "usage_usec 9\n"),
                ("a/cpu.max", "150000 100000\n"),
                ("a/cpu.stat", "throttled_usec 500000\n"),
                ("a/b/cpu.max", "max 100000\n"),
                ("a/b/cpu.stat", inner),
            ],
        );
        let groups = ControlGroups::of("0::/a/b\n", root.path());
        assert_eq!(groups.quota_cpus(), Some(1.5));
        assert_eq!(groups.throttled_s(), Some(2.0));
    }

    #[test]
    fn version_1_is_read_by_its_controller_and_other_controllers_are_not() {
        let root = tempfile::tempdir().unwrap();
        write(
            root.path(),
            &[
                ("cpu,cpuacct/x/cpu.cfs_quota_us", "50000\n"),
                ("cpu,cpuacct/x/cpu.cfs_period_us", "100000\n"),
                ("cpu,cpuacct/x/cpu.stat", "nr_periods 9\nnr_throttled 2\nthrottled_time 250000000\n"),
                ("cpu,cpuacct/cpu.cfs_quota_us", "-1\n"),
                ("cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
                ("memory/x/cpu.max", "1 100000\n"),
            ],
        );
        let groups = ControlGroups::of("4:memory:/x\n3:cpu,cpuacct:/x\n0::/\n", root.path());
        assert_eq!((groups.quota_cpus(), groups.throttled_s()), (Some(0.5), Some(0.25)));
    }

    #[test]
    fn a_path_of_the_system_outside_a_container_leaves_the_mount() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("cpu.max", "200000 100000\n"), ("cpu.stat", "throttled_usec 0\n")]);
        let groups = ControlGroups::of("0::/docker/1234\n", root.path());
        assert_eq!((groups.quota_cpus(), groups.throttled_s()), (Some(2.0), Some(0.0)));
        let none = ControlGroups::of("", root.path());
        assert_eq!((none.quota_cpus(), none.throttled_s()), (None, None));
    }
}
