//! The UDM schema: from a field path to what the field is.
