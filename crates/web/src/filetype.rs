//! What a file that somebody sent is: told by its bytes, never by what it says of itself.
//!
//! A file can be several things at once: a PDF with a ZIP file behind it, text that is also a page. Its
//! first bytes decide, its name must end as that kind does, and it is given out as that kind alone, so
//! that no program is led to take it for the other.

use std::io::Cursor;

use zip::ZipArchive;

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// A document of pages.
    Pdf,
    /// A picture.
    Png,
    /// A photograph.
    Jpeg,
    /// A picture of the web.
    Webp,
    /// A workbook of Office Open XML, without macros.
    Xlsx,
    /// A text of Office Open XML, without macros.
    Docx,
    /// A workbook of OpenDocument, without macros.
    Ods,
    /// A text of OpenDocument, without macros.
    Odt,
    /// A table as text.
    Csv,
    /// Text.
    Txt,
}

impl FileType {
    /// All of them, in the order in which they are named.
    pub const ALL: [Self; 10] = [
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Webp,
        Self::Xlsx,
        Self::Docx,
        Self::Ods,
        Self::Odt,
        Self::Csv,
        Self::Txt,
    ];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
            Self::Xlsx => "XLSX",
            Self::Docx => "DOCX",
            Self::Ods => "ODS",
            Self::Odt => "ODT",
            Self::Csv => "CSV",
            Self::Txt => "TXT",
        }
    }

    /// What the name of such a file ends in.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Webp => &["webp"],
            Self::Xlsx => &["xlsx"],
            Self::Docx => &["docx"],
            Self::Ods => &["ods"],
            Self::Odt => &["odt"],
            Self::Csv => &["csv"],
            Self::Txt => &["txt"],
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Ods => ODS,
            Self::Odt => ODT,
            Self::Csv => "text/csv",
            Self::Txt => "text/plain",
        }
    }

    /// The value of `Content-Type` under which it is given out.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Txt => "text/plain; charset=utf-8",
            other => other.media_type(),
        }
    }

    /// What a file is; none when it is of no kind that is taken, or its name says something else.
    #[must_use]
    pub fn find(name: &str, bytes: &[u8]) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        let fits = |kind: &Self| kind.endings().iter().any(|it| it.eq_ignore_ascii_case(ending));
        Self::ALL.into_iter().find(fits).filter(|kind| kind.holds(bytes))
    }

    fn holds(self, bytes: &[u8]) -> bool {
        match self {
            Self::Pdf => bytes.starts_with(b"%PDF-"),
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"),
            Self::Jpeg => is_jpeg(bytes),
            Self::Webp => bytes.starts_with(b"RIFF") && bytes.get(8..15) == Some(b"WEBPVP8"),
            Self::Xlsx => is_open_xml(bytes, "xl/workbook.xml"),
            Self::Docx => is_open_xml(bytes, "word/document.xml"),
            Self::Ods => is_open_document(bytes, ODS),
            Self::Odt => is_open_document(bytes, ODT),
            Self::Csv | Self::Txt => is_text(bytes),
        }
    }
}

const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const ODT: &str = "application/vnd.oasis.opendocument.text";

/// A package with more parts is none.
const MOST_PARTS: usize = 2_000;

/// Two marks: the beginning of a picture, and one of those that may come next.
fn is_jpeg(bytes: &[u8]) -> bool {
    let next = bytes.get(3).copied().unwrap_or_default();
    bytes.starts_with(b"\xff\xd8\xff") && matches!(next, 0xc0..=0xc4 | 0xdb | 0xe0..=0xef | 0xfe)
}

/// The names of the parts of a ZIP file, in small letters. None when anything stands before or behind
/// it: what is also something else is no package of an office program.
fn parts(bytes: &[u8]) -> Option<Vec<String>> {
    const END_BYTES: usize = 22;
    let end = bytes.len().checked_sub(END_BYTES)?;
    let is_whole = bytes.starts_with(b"PK\x03\x04") && bytes.get(end..)?.starts_with(b"PK\x05\x06");
    let zip =
        ZipArchive::new(Cursor::new(bytes)).ok().filter(|zip| is_whole && zip.offset() == 0)?;
    if zip.len() > MOST_PARTS {
        return None;
    }
    zip.file_names().map(|name| name.ok().map(|name| name.to_lowercase())).collect()
}

/// Office Open XML (ECMA-376-2), without a project of macros.
fn is_open_xml(bytes: &[u8], part: &str) -> bool {
    let Some(names) = parts(bytes) else { return false };
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let has_macros = names.iter().any(|name| name.ends_with("vbaproject.bin"));
    has("[content_types].xml") && has(part) && !has_macros
}

/// OpenDocument (ISO/IEC 26300-3, 3.3): the first part is not packed and says what it is.
fn is_open_document(bytes: &[u8], media_type: &str) -> bool {
    const NAME: &[u8] = b"mimetype";
    let length = u32::try_from(media_type.len()).unwrap_or_default().to_le_bytes();
    let says = bytes.get(30..38) == Some(NAME)
        && bytes.get(22..26) == Some(&length)
        && bytes.get(38..).is_some_and(|rest| rest.starts_with(media_type.as_bytes()));
    if !says {
        return false;
    }
    let Some(names) = parts(bytes) else { return false };
    let is_macro = |name: &String| name.starts_with("basic/") || name.starts_with("scripts/");
    names.iter().any(|name| name == "content.xml") && !names.iter().any(is_macro)
}

/// Words in UTF-8, as every editor shows them.
fn is_text(bytes: &[u8]) -> bool {
    let plain = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    /// A ZIP file with these parts; the first is not packed.
    fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (at, (name, text)) in parts.iter().enumerate() {
            let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            let packed =
                SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            zip.start_file(*name, if at == 0 { stored } else { packed }).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const TYPES: (&str, &str) = ("[Content_Types].xml", "<Types/>");

    fn sheet() -> Vec<u8> {
        package(&[TYPES, ("xl/workbook.xml", "<workbook/>")])
    }

    fn letter(kind: &str) -> Vec<u8> {
        package(&[("mimetype", kind), ("content.xml", "<office:document-content/>")])
    }

    #[test]
    fn a_file_is_what_its_bytes_say_and_its_name_must_agree() {
        use FileType::{Csv, Docx, Jpeg, Ods, Odt, Pdf, Png, Txt, Webp, Xlsx};
        let paper = package(&[TYPES, ("word/document.xml", "<w:document/>")]);
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR....";
        let webp = b"RIFF\x10\0\0\0WEBPVP8 ....";
        for (name, bytes, found) in [
            ("a.pdf", &b"%PDF-1.7 ..."[..], Some(Pdf)),
            ("A.PDF", b"%PDF-1.7 ...", Some(Pdf)),
            ("a.pdf", b"<html>%PDF-1.7", None),
            ("a.pdf", b"\n%PDF-1.7", None),
            ("a.html", b"%PDF-1.7", None),
            ("a.png", png, Some(Png)),
            ("a.png", b"\x89PNG\r\n\x1a\n<script>", None),
            ("a.png", b"\xff\xd8\xff\xe0", None),
            ("a.jpg", png, None),
            ("a.jpeg", b"\xff\xd8\xff\xe0", Some(Jpeg)),
            ("a.jpg", b"\xff\xd8\xff<", None),
            ("a.jpg", b"\xff\xd8\xff", None),
            ("a.webp", webp, Some(Webp)),
            ("a.webp", b"RIFF\x10\0\0\0WAVEfmt ", None),
            ("a.xlsx", &sheet(), Some(Xlsx)),
            ("a.docx", &sheet(), None),
            ("a.docx", &paper, Some(Docx)),
            ("a.odt", &letter(ODT), Some(Odt)),
            ("a.ods", &letter(ODS), Some(Ods)),
            ("a.ods", &letter(ODT), None),
            ("a.odt", &letter(&format!("{ODT}-template")), None),
            ("a.csv", "số;hộ\r\n1;2\n".as_bytes(), Some(Csv)),
            ("a.txt", "\u{feff}Biên bản".as_bytes(), Some(Txt)),
            ("a.txt", b"MZ\x90\x00", None),
            ("a.txt", b"\xff\xfea\x00", None),
            ("a.txt", "đổi \u{1b}[31m".as_bytes(), None),
            ("a.csv", b"\xef\xbb\xbf\xe1\xbb", None),
            ("a.svg", b"<svg onload='x'/>", None),
            ("a.html", b"<html>", None),
            ("a.bat", b"del *", None),
            ("a", b"%PDF-1.7", None),
            ("", b"", None),
        ] {
            let start = &bytes[..bytes.len().min(40)];
            assert_eq!(FileType::find(name, bytes), found, "{name} {}", start.escape_ascii());
        }
    }

    #[test]
    fn a_file_that_is_two_things_is_taken_for_none_or_for_what_it_begins_with() {
        use FileType::{Jpeg, Pdf, Txt};
        let sheet = sheet();
        let join = |parts: &[&[u8]]| parts.concat();
        let macros = package(&[TYPES, ("xl/workbook.xml", ""), ("xl/vbaProject.bin", "")]);
        let hidden = package(&[TYPES, ("xl/workbook.xml", ""), ("XL/VBAPROJECT.BIN", "")]);
        let basic = package(&[("mimetype", ODT), ("content.xml", ""), ("Basic/script.xml", "")]);
        let late = package(&[("content.xml", ""), ("mimetype", ODT)]);
        let named = join(&[b"PK\x03\x04 [Content_Types].xml xl/workbook.xml", b"<html>"]);
        for (name, bytes, found) in [
            // A photograph with a ZIP file behind it, and a document with a page in it: only as itself.
            ("a.jpg", join(&[b"\xff\xd8\xff\xe0...", &sheet]), Some(Jpeg)),
            ("a.xlsx", join(&[b"\xff\xd8\xff\xe0...", &sheet]), None),
            ("a.pdf", join(&[b"%PDF-1.4\n<script>alert(1)</script>", &sheet]), Some(Pdf)),
            ("a.html", join(&[b"%PDF-1.4\n<script>alert(1)</script>"]), None),
            ("a.txt", join(&[b"<script>alert(1)</script>"]), Some(Txt)),
            ("a.xlsx", join(&[b"MZ", &sheet]), None),
            ("a.xlsx", join(&[&sheet, b"<html>"]), None),
            ("a.xlsx", join(&[&sheet, &sheet]), None),
            ("a.xlsx", named, None),
            ("a.xlsx", macros, None),
            ("a.xlsx", hidden, None),
            ("a.odt", basic, None),
            ("a.odt", late, None),
            ("a.xlsx", sheet[..sheet.len() - 1].to_vec(), None),
            ("a.xlsx", package(&[("xl/workbook.xml", "")]), None),
            ("a.pdf.exe", b"%PDF-1.4".to_vec(), None),
            ("a.exe.pdf", b"%PDF-1.4".to_vec(), Some(Pdf)),
            ("a.pdf.", b"%PDF-1.4".to_vec(), None),
            ("a.pdf ", b"%PDF-1.4".to_vec(), None),
            ("a.pdf\0.txt", b"%PDF-1.4\x01".to_vec(), None),
            ("pdf", b"%PDF-1.4".to_vec(), None),
            ("a.tx\u{202e}t", b"x".to_vec(), None),
        ] {
            assert_eq!(FileType::find(name, &bytes), found, "{name:?}");
        }
    }

    #[test]
    fn a_workbook_of_our_own_is_one() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write_string(0, 0, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert_eq!(FileType::find("x.xlsx", &bytes), Some(FileType::Xlsx));
    }

    proptest! {
        #[test]
        fn whatever_bytes_come_they_are_of_one_kind_or_none(
            begin in prop::sample::select(vec![
                &b""[..], b"PK\x03\x04", b"%PDF-", b"RIFF", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n",
            ]),
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            end in prop::sample::select(vec![&b""[..], b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"]),
            ending in prop::sample::select(vec!["pdf", "png", "jpg", "webp", "xlsx", "odt", "csv", "exe"]),
        ) {
            let bytes = [begin, &bytes, end].concat();
            let found = FileType::find(&format!("x.{ending}"), &bytes);
            prop_assert!(found.is_none_or(|kind| kind.endings().contains(&ending)));
            prop_assert!(found.is_none() || ending != "exe");
        }
    }
}
