//! The CPU that Lambda gives a function of a certain memory size, simulated by a control group's quota.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Lambda gives one whole CPU at this memory size, and less in proportion.
const MEMORY_OF_ONE_CPU_MB: u64 = 1769;
/// Lambda hands out CPU time in slices of this length.
const PERIOD_US: u64 = 20_000;

/// A control group with a CPU quota, removed when dropped.
pub struct CpuShare {
    folder: PathBuf,
}

impl CpuShare {
    /// The share of a function with this memory. It needs root and a kernel with CPU quotas, in either version of
    /// control groups.
    pub fn of_memory_mb(memory_mb: u64) -> Result<CpuShare> {
        let quota_us = PERIOD_US * memory_mb / MEMORY_OF_ONE_CPU_MB;
        let name = format!("bench-{}-{memory_mb}", std::process::id());
        let first_version = Path::new("/sys/fs/cgroup/cpu");
        let share = if first_version.join("cgroup.procs").exists() {
            let share = CpuShare::create(first_version.join(name))?;
            share.set("cpu.cfs_period_us", PERIOD_US)?;
            share.set("cpu.cfs_quota_us", quota_us)?;
            share
        } else {
            let share = CpuShare::create(Path::new("/sys/fs/cgroup").join(name))?;
            share.set("cpu.max", format!("{quota_us} {PERIOD_US}"))?;
            share
        };
        Ok(share)
    }

    /// Limits a process from now on.
    pub fn limit(&self, pid: u32) -> Result<()> {
        self.set("cgroup.procs", pid)
    }

    fn create(folder: PathBuf) -> Result<CpuShare> {
        std::fs::create_dir(&folder).with_context(|| format!("cannot make the control group {}", folder.display()))?;
        Ok(CpuShare { folder })
    }

    fn set(&self, file: &str, value: impl ToString) -> Result<()> {
        let path = self.folder.join(file);
        std::fs::write(&path, value.to_string()).with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Drop for CpuShare {
    fn drop(&mut self) {
        // Not removable as long as a killed process has not been collected; an empty group costs nothing.
        let _ = std::fs::remove_dir(&self.folder);
    }
}
