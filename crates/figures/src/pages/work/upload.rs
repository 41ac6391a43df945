//! What a form with a file sends.

use std::collections::HashMap;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::Error;
use base::text::clean;
use web::PageError;

use crate::observations::Evidence;

/// Names of files are cut to so many letters.
const LONGEST_NAME: usize = 120;

/// The fields of a form and its file, if one was chosen.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    fields: HashMap<String, String>,
    pub(crate) file: Option<Evidence>,
}

impl Sent {
    /// What was typed in a field; empty when it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let multipart = Multipart::from_request(request, state).await;
        let mut multipart = multipart.map_err(|_| unreadable())?;
        let mut sent = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(|error| refuse(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            let Some(file) = field.file_name().map(clean) else {
                sent.fields.insert(name, field.text().await.map_err(|error| refuse(&error))?);
                continue;
            };
            let media_type = field.content_type().unwrap_or_default().to_owned();
            let content = field.bytes().await.map_err(|error| refuse(&error))?.to_vec();
            if !content.is_empty() {
                let name = file.chars().take(LONGEST_NAME).collect();
                sent.file = Some(Evidence { name, media_type, content });
            }
        }
        Ok(sent)
    }
}

fn refuse(error: &MultipartError) -> Response {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        _ => unreadable(),
    }
}

fn unreadable() -> Response {
    PageError(Error::invalid("form", lang::web::bad_value)).into_response()
}
