//! Malformed, oversized and hostile requests.
