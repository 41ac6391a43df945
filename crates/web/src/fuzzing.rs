//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use axum::body::Body;
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, HeaderValue, Uri, header};

use crate::ask::{Asked, encoded, link_with, values_of};
use crate::filetype::FileType;
use crate::spreadsheet::{self, LONGEST_CELL_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS};
use crate::upload::Upload;

/// Tables, CSV and XLSX: within their limits, or refused.
pub fn tables(bytes: &[u8]) {
    let Ok(table) = spreadsheet::read(bytes) else { return };
    // A heading is not counted.
    assert!(table.rows.len() <= MOST_ROWS + 1);
    let cells: usize = table.rows.iter().map(|row| row.cells.len()).sum();
    assert!(cells <= MOST_CELLS);
    for row in &table.rows {
        assert!(row.cells.len() <= MOST_COLUMNS);
        assert!(row.cells.iter().all(|cell| cell.text().len() <= LONGEST_CELL_BYTES));
    }
}

/// Kinds of files: one of those whose names end so, or none.
pub fn filetypes(bytes: &[u8]) {
    for kind in FileType::ALL {
        for ending in kind.endings() {
            let found = FileType::find(&format!("x.{ending}"), bytes);
            assert!(found.is_none_or(|found| found == kind));
        }
    }
}

/// Addresses, what stands behind `?` in them, and the headers by which a language is found.
pub fn requests(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    assert!(encoded(&given).bytes().all(|byte| byte.is_ascii_graphic()));
    let link = link_with(&given, "q", &given);
    assert!(link.starts_with('/') && !link.starts_with("//"), "{link}");
    let _ = values_of(&given);
    let uri = given.parse::<Uri>().unwrap_or_default();
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        headers.insert(header::COOKIE, value.clone());
        headers.insert(header::ACCEPT_LANGUAGE, value);
    }
    let _ = Asked::read(&uri, &headers);
}

/// The body of a form with files, parted by `b`.
pub fn forms(bytes: &[u8]) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else {
        return;
    };
    let request = Request::post("/")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(bytes.to_vec()));
    let Ok(request) = request else { return };
    let Ok(upload) = runtime.block_on(Upload::from_request(request, &())) else { return };
    for file in upload.into_files() {
        assert!(!file.name.contains(['/', '\\']) && !file.name.chars().any(char::is_control));
        assert!(file.name.chars().count() <= 120 && !file.bytes.is_empty());
    }
}
