//! The one error that crosses the wire, by HTTP API and server function alike.

use crate::domain::{field::FieldError, time::Timestamp};
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A failure as its reader needs it (RFC 9457), with a stable `code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Stable, for programs.
    pub code: String,
    /// Names this request in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is wrong with which field (`validation_failed`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// Uses allowed in the window (`quota_exceeded`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Uses so far (`quota_exceeded`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u32>,
    /// When the window ends (`quota_exceeded`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Timestamp>,
    /// Where an existing plan is managed (`already_subscribed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal_url: Option<String>,
}

impl Problem {
    /// A problem of this status and code.
    pub fn new(status: u16, code: &str, title: &str) -> Self {
        Self {
            kind: format!("urn:signalbox:problem:{code}"),
            title: title.to_owned(),
            status,
            detail: None,
            code: code.to_owned(),
            request_id: None,
            fields: Vec::new(),
            limit: None,
            used: None,
            resets_at: None,
            portal_url: None,
        }
    }

    /// With what happened and what to do.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The fault of `field`, if it has one.
    pub fn fault(&self, field: &str) -> Option<String> {
        self.fields.iter().find(|fault| fault.field == field).map(|fault| fault.message.clone())
    }

    /// One sentence for people: the detail, else the title.
    pub fn message(&self) -> String {
        self.detail.clone().unwrap_or_else(|| self.title.clone())
    }

    /// Our own fault, of which the reader can know no more.
    pub fn internal() -> Self {
        Self::new(500, "internal", "Something went wrong on our side").detail("It was noted. Try again in a moment.")
    }

    /// As the API tells it.
    pub fn to_json(&self) -> String {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As the API told it. What is no problem is one of ours.
    pub fn from_json(json: &str) -> Self {
        miniserde::json::from_str(json).map_or_else(|_| Self::internal(), |read: Read| read.into())
    }
}

/// A problem as the client reads it: what may be left out is optional.
#[derive(miniserde::Deserialize)]
struct Read {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: Option<String>,
    code: String,
    request_id: Option<String>,
    fields: Option<Vec<FieldError>>,
    limit: Option<u32>,
    used: Option<u32>,
    resets_at: Option<Timestamp>,
    portal_url: Option<String>,
}

impl From<Read> for Problem {
    fn from(read: Read) -> Self {
        let Read { kind, title, status, detail, code, request_id, fields, limit, used, resets_at, portal_url } = read;
        let fields = fields.unwrap_or_default();
        Self { kind, title, status, detail, code, request_id, fields, limit, used, resets_at, portal_url }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Problem {}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(0, "offline", "The server could not be reached")
                .detail("Check your connection and try again. Nothing was lost."),
            ServerFnErrorErr::Args(fault) | ServerFnErrorErr::MissingArg(fault) => unreadable(&fault),
            _ => Self::internal(),
        }
    }
}

/// Arguments that could not be read, on the server with the status that tells so.
#[cfg(feature = "ssr")]
fn unreadable(fault: &str) -> Problem {
    crate::server::rpc::refuse_arguments(fault)
}

/// Arguments that could not be read; a browser never reads any.
#[cfg(not(feature = "ssr"))]
fn unreadable(_fault: &str) -> Problem {
    Problem::new(400, "unreadable", "The request could not be read").detail("Reload the page and try again.")
}
