//! The machine that a run is made on: its facts, what disturbs it, and its level.

mod control_groups;
mod disturbance;
mod facts;
mod level;
mod limits;
mod memory_kills;

pub use disturbance::{DisturbanceMonitor, MachineUse};
pub use facts::MachineFacts;
pub use level::{CALIBRATION, LevelMeter};
pub use limits::MachineLimits;
pub use memory_kills::MemoryKills;
