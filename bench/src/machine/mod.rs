//! The machine that a run is made on: its facts, what disturbs it, and its level.

mod disturbance;
mod facts;
mod level;
mod memory_kills;

pub use disturbance::{DisturbanceMonitor, MachineUse};
pub use facts::MachineFacts;
pub use level::{CALIBRATION, LevelMeter};
pub use memory_kills::MemoryKills;
