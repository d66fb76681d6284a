//! How diagnostics are shown: the only place that knows miette or JSON.
