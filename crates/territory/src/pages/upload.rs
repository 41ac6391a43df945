//! A form that carries files.

use std::collections::BTreeMap;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base::Error;
use web::PageError;

/// A form with more fields is refused.
const MOST_FIELDS: usize = 100;

/// The values and the files of a form. Bodies are limited by the layer of their route.
#[derive(Debug, Default)]
pub(super) struct Upload {
    values: BTreeMap<String, String>,
    files: Vec<(String, Vec<u8>)>,
}

impl Upload {
    /// The value of a field; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The files with their names, without those that are empty.
    pub(super) fn into_files(self) -> Vec<(String, Vec<u8>)> {
        self.files
    }

    /// Text of a file of this field, where one was sent, else of the field `name` itself.
    ///
    /// Errors: `Invalid` at the field when the file is not UTF-8.
    pub(super) fn text(&self, name: &str) -> base::Result<String> {
        let file = format!("{name}_file");
        match self.values.get(&file).filter(|text| !text.is_empty()) {
            Some(text) if text.contains('\u{fffd}') => {
                Err(Error::invalid(name, lang::import::not_utf8))
            }
            Some(text) => Ok(text.clone()),
            None => Ok(self.get(name).to_owned()),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let multipart = Multipart::from_request(request, state).await;
        read(multipart.map_err(|_| bad_form())?).await
    }
}

async fn read(mut multipart: Multipart) -> Result<Upload, Response> {
    let mut upload = Upload::default();
    let mut fields = 0;
    while let Some(field) = multipart.next_field().await.map_err(refuse)? {
        fields += 1;
        if fields > MOST_FIELDS {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(refuse)?;
        match file {
            // Text of an order stands in a field or in a file of the same meaning.
            Some(_) if name.ends_with("_file") => {
                upload.values.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
            Some(file) if !bytes.is_empty() => {
                // Some browsers send the folder too.
                let file = file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                upload.files.push((file, bytes.to_vec()));
            }
            Some(_) => {}
            None => {
                upload.values.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    Ok(upload)
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn refuse(error: MultipartError) -> Response {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    bad_form()
}

fn bad_form() -> Response {
    PageError(Error::invalid("form", lang::web::bad_value)).into_response()
}
