//! What the system says of a process: CPU time and memory.

use std::time::Duration;

/// CPU time of all its threads, in steps of 10 ms.
pub fn cpu(pid: u32) -> Duration {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return Duration::ZERO };
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// CPU time of its first thread, to the nanosecond.
pub fn cpu_of_first_thread(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    Duration::from_nanos(stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

/// What it holds now of its own, without the files that it only looks at, in bytes.
pub fn own_memory(pid: u32) -> u64 {
    figure_of(pid, "RssAnon:")
}

/// The most memory it ever held, in bytes.
pub fn peak_memory(pid: u32) -> u64 {
    figure_of(pid, "VmHWM:")
}

fn figure_of(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib: u64 = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
    kib * 1024
}
