//! `metrics.*`: numbers that Google keeps for each entity over a month or a day. They are read and judged, never run.

mod judge;

pub use judge::{BadMetric, Period, judge, matched, period};

/// A row of the table.
#[derive(Debug)]
pub struct Metric {
    /// As written in a rule: `metrics.dns_bytes_outbound`.
    pub name: &'static str,
    /// The events that it counts.
    pub counts: &'static str,
    /// Has it bytes to add up?
    pub sums: Sums,
    /// The sets of fields by which it is kept; a call names one of them, whole.
    pub sets: &'static [&'static [Dimension]],
}

/// What a metric adds up besides counting events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    /// Bytes: `value_sum` may be asked for.
    Bytes,
    /// Nothing.
    Nothing,
}

/// The paths of which a call names one.
pub type Dimension = &'static [&'static str];

const A: Dimension = &[
    "principal.asset.asset_id",
    "principal.asset.hostname",
    "principal.asset.ip",
    "principal.asset.mac",
    "principal.asset.product_object_id",
];
const X: Dimension = &[
    "target.asset.asset_id",
    "target.asset.hostname",
    "target.asset.ip",
    "target.asset.mac",
    "target.asset.product_object_id",
];
const U: Dimension = &[
    "principal.user.email_addresses",
    "principal.user.employee_id",
    "principal.user.product_object_id",
    "principal.user.userid",
    "principal.user.windows_sid",
];
const T: Dimension = &[
    "target.user.email_addresses",
    "target.user.employee_id",
    "target.user.product_object_id",
    "target.user.userid",
    "target.user.windows_sid",
];
const RULE_NAME: Dimension = &["security_result.rule_name"];
const FULL_PATH: Dimension = &["principal.process.file.full_path"];
const SHA256: Dimension = &["principal.process.file.sha256"];
const EVENT_TYPE: Dimension = &["metadata.event_type"];
const APPLICATION: Dimension = &["target.application"];
const LOGON_DETAIL: Dimension = &[
    "network.tls.client.certificate.sha256",
    "principal.ip_geo_artifact.location.country_or_region",
    "principal.ip_geo_artifact.network.organization_name",
    "target.application",
];
const USER_AGENT: Dimension = &["network.http.user_agent"];
const TARGET_IP: Dimension = &["target.ip"];
const TARGET_HOST: Dimension = &["target.hostname"];
const DNS_DETAIL: Dimension = &["network.dns_domain", "network.dns.questions.type"];
const TRAFFIC_DETAIL: Dimension = &[
    "principal.ip_geo_artifact.location.country_or_region",
    "security_result.category",
    "target.ip_geo_artifact.network.organization_name",
];
const PRINCIPAL_IP: Dimension = &["principal.ip"];
const PLACE: Dimension = &["target.location.name"];
const RESOURCE: Dimension = &["target.resource.name"];
// The page writes the short path, which the schema does not have.
const RESOURCE_TYPE: Dimension = &["target.resource.resource_type", "target.resource_type"];
const VENDOR: Dimension = &["metadata.vendor_name"];
const PRODUCT: Dimension = &["metadata.product_name"];

const ALERTS: &[&[Dimension]] =
    &[&[A, RULE_NAME], &[A, RULE_NAME, FULL_PATH], &[A, RULE_NAME, FULL_PATH, U], &[A, RULE_NAME, SHA256, U]];
const LOGON_FAILED: &[&[Dimension]] =
    &[&[A], &[A, X], &[U], &[U, X], &[APPLICATION], &[T], &[T, LOGON_DETAIL]];
const LOGON_ANY: &[&[Dimension]] =
    &[&[A], &[A, X], &[U], &[U, X], &[APPLICATION], &[T], &[T, LOGON_DETAIL], &[APPLICATION, X]];
const LOGON_DONE: &[&[Dimension]] = &[
    &[A],
    &[A, X],
    &[U],
    &[U, X],
    &[APPLICATION],
    &[T],
    &[T, LOGON_DETAIL],
    &[USER_AGENT],
    &[A, EVENT_TYPE],
];
const DNS_BYTES: &[&[Dimension]] = &[&[A], &[U], &[A, TARGET_IP], &[U, TARGET_IP], &[TARGET_IP]];
const DNS_QUERIES: &[&[Dimension]] = &[&[A], &[U], &[A, DNS_DETAIL], &[U, DNS_DETAIL]];
const EXECUTIONS: &[&[Dimension]] =
    &[&[EVENT_TYPE, SHA256], &[EVENT_TYPE, SHA256, A], &[EVENT_TYPE, SHA256, U]];
const HTTP: &[&[Dimension]] = &[
    &[A],
    &[U],
    &[A, USER_AGENT],
    &[U, USER_AGENT],
    &[A, TARGET_HOST],
    &[U, TARGET_HOST],
    &[A, USER_AGENT, TARGET_HOST],
    &[U, USER_AGENT, TARGET_HOST],
    &[TARGET_HOST],
];
// `T` is in a sample of the page and not in its list.
const TRAFFIC: &[&[Dimension]] = &[&[A], &[U], &[A, TRAFFIC_DETAIL], &[U, TRAFFIC_DETAIL], &[T]];
const RESOURCES: &[&[Dimension]] = &[
    &[U, VENDOR, PRODUCT],
    &[U, PRINCIPAL_IP, VENDOR, PRODUCT],
    &[U, APPLICATION, VENDOR, PRODUCT],
    &[U, APPLICATION, PLACE, VENDOR, PRODUCT],
    &[U, RESOURCE, VENDOR, PRODUCT],
    &[U, RESOURCE, RESOURCE_TYPE, VENDOR, PRODUCT],
    &[T, VENDOR, PRODUCT],
];

const fn count(name: &'static str, counts: &'static str, sets: &'static [&'static [Dimension]]) -> Metric {
    Metric { name, counts, sums: Sums::Nothing, sets }
}

const fn bytes(name: &'static str, counts: &'static str, sets: &'static [&'static [Dimension]]) -> Metric {
    Metric { name, counts, sums: Sums::Bytes, sets }
}

/// The rows, sorted by name.
static ALL: [Metric; 22] = [
    count("metrics.alert_event_name_count", "Alerts of the endpoint products that Google names.", ALERTS),
    count("metrics.auth_attempts_fail", "USER_LOGIN without an action ALLOW.", LOGON_FAILED),
    count("metrics.auth_attempts_success", "USER_LOGIN with an action ALLOW.", LOGON_DONE),
    count("metrics.auth_attempts_total", "USER_LOGIN.", LOGON_ANY),
    bytes("metrics.dns_bytes_outbound", "Bytes sent to port 53, or to port 3000 over TCP.", DNS_BYTES),
    count("metrics.dns_queries_fail", "DNS with a response code above 0.", DNS_QUERIES),
    count("metrics.dns_queries_success", "DNS with the response code 0.", DNS_QUERIES),
    count("metrics.dns_queries_total", "DNS with an id.", DNS_QUERIES),
    count("metrics.file_executions_fail", "PROCESS_LAUNCH without an action ALLOW.", EXECUTIONS),
    count("metrics.file_executions_success", "PROCESS_LAUNCH with an action ALLOW.", EXECUTIONS),
    count("metrics.file_executions_total", "PROCESS_LAUNCH.", EXECUTIONS),
    count("metrics.http_queries_fail", "HTTP with a response code of 400 or above.", HTTP),
    count("metrics.http_queries_success", "HTTP with a response code below 400.", HTTP),
    count("metrics.http_queries_total", "HTTP with a method.", HTTP),
    bytes("metrics.network_bytes_inbound", "Bytes received.", TRAFFIC),
    bytes("metrics.network_bytes_outbound", "Bytes sent.", TRAFFIC),
    bytes("metrics.network_bytes_total", "Bytes sent and received.", TRAFFIC),
    count("metrics.resource_creation_success", "Resources created, with an action ALLOW.", RESOURCES),
    count("metrics.resource_creation_total", "Resources created, by users or otherwise.", RESOURCES),
    count("metrics.resource_deletion_success", "RESOURCE_DELETION with an action ALLOW.", RESOURCES),
    count("metrics.resource_read_fail", "RESOURCE_READ without an action ALLOW.", RESOURCES),
    count("metrics.resource_read_success", "RESOURCE_READ with an action ALLOW.", RESOURCES),
];

/// The rows, sorted by name.
pub fn all() -> &'static [Metric] {
    &ALL
}

/// The row with this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests;
