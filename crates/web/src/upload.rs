//! A form that carries files.

use std::collections::BTreeMap;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::Error;
use base::text::clean;

use crate::PageError;
use crate::ask::{announced, in_time};

/// A form with more fields is refused.
const MOST_FIELDS: usize = 100;
/// Names of files are cut to so many letters.
const LONGEST_NAME: usize = 120;

/// The values and the files of a form. Bodies are limited by the layer of their route.
#[derive(Debug, Default)]
pub struct Upload {
    values: BTreeMap<String, String>,
    files: Vec<UploadedFile>,
}

/// A file as it was sent. Nothing that it says of itself is to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedFile {
    /// The field in which it was sent.
    pub field: String,
    /// Its name without folders and control characters.
    pub name: String,
    /// Its media type, as the sender named it.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// The value of a field; empty when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The files, without those that are empty.
    #[must_use]
    pub fn into_files(self) -> Vec<UploadedFile> {
        self.files
    }

    /// The file of a field, if one was chosen.
    #[must_use]
    pub fn file(&self, field: &str) -> Option<&UploadedFile> {
        self.files.iter().find(|file| file.field == field)
    }

    /// Text of a file in the field `NAME_file`, where one was sent, else of the field itself.
    ///
    /// Errors: `Invalid` at the field when the file is not UTF-8.
    pub fn text(&self, name: &str) -> base::Result<String> {
        let Some(file) = self.file(&format!("{name}_file")) else {
            return Ok(self.get(name).to_owned());
        };
        let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok(text.to_owned()),
            _ => Err(Error::invalid(name, lang::import::not_utf8)),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let request = announced(request).map_err(IntoResponse::into_response)?;
        match Multipart::from_request(request, state).await {
            Ok(multipart) => in_time(read(multipart)).await?,
            // A form of another kind, or no form at all.
            Err(_) => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response()),
        }
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
        let file = field.file_name().map(plain_name);
        let media_type = field.content_type().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(refuse)?;
        match file {
            Some(_) if bytes.is_empty() => {}
            Some(file) => upload.files.push(UploadedFile {
                field: name,
                name: file,
                media_type,
                bytes: bytes.to_vec(),
            }),
            None if bytes.contains(&0) => {
                return Err(PageError(Error::invalid(name, lang::error::zero_byte)).into_response());
            }
            None => {
                upload.values.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    Ok(upload)
}

/// Some browsers send the folder too, and attackers a way out of it.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = clean(name);
    if name.chars().count() <= LONGEST_NAME {
        return name;
    }
    // What it ends in says of which kind it is, so a long name is cut before that.
    let (first, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let ending = if ending.is_empty() { String::new() } else { format!(".{ending}") };
    let room = LONGEST_NAME.saturating_sub(ending.chars().count());
    let name = first.chars().take(room).collect::<String>() + &ending;
    name.chars().take(LONGEST_NAME).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn refuse(error: MultipartError) -> Response {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    PageError(Error::invalid("form", lang::web::bad_value)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header;

    use super::*;

    async fn sent(body: &str) -> Result<Upload, StatusCode> {
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body.replace('\n', "\r\n")))
            .unwrap();
        Upload::from_request(request, &()).await.map_err(|response| response.status())
    }

    fn part(head: &str, body: &str) -> String {
        format!("--b\nContent-Disposition: form-data; {head}\n\n{body}\n")
    }

    #[tokio::test]
    async fn values_and_files_are_told_apart_and_names_of_files_lead_nowhere() {
        for (name, expected) in [
            ("so-lieu.csv", "so-lieu.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\\\fakepath\\\\so.csv", "so.csv"),
            ("a\tb\u{202e}.csv", "a b.csv"),
        ] {
            let body = part("name=\"csrf\"", "x")
                + &part(&format!("name=\"file\"; filename=\"{name}\""), "a;b")
                + &part("name=\"other\"; filename=\"\"", "")
                + "--b--\n";
            let upload = sent(&body).await.unwrap();
            assert_eq!((upload.get("csrf"), upload.get("file")), ("x", ""));
            let file = upload.file("file").unwrap();
            assert_eq!((&*file.name, &*file.bytes), (expected, &b"a;b"[..]), "{name}");
            assert!(upload.file("other").is_none());
        }
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        let many = part("name=\"x\"", "").repeat(MOST_FIELDS + 1) + "--b--\n";
        for (body, status) in [
            ("", StatusCode::UNPROCESSABLE_ENTITY),
            ("--b\n", StatusCode::UNPROCESSABLE_ENTITY),
            ("nonsense", StatusCode::UNPROCESSABLE_ENTITY),
            (&part("name=\"file\"; filename=\"x\"", "cut"), StatusCode::UNPROCESSABLE_ENTITY),
            (&many, StatusCode::PAYLOAD_TOO_LARGE),
        ] {
            assert_eq!(sent(body).await.unwrap_err(), status, "{body:.60}");
        }
        let request = Request::post("/").header(header::CONTENT_TYPE, "text/csv");
        let request = request.body(Body::from("a;b")).unwrap();
        let refused = Upload::from_request(request, &()).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
