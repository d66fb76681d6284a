//! The verdict of an explanation is that of a run.
