//! Which files of evidence are taken: told by what they hold, not by what they say of themselves.

use lang::Text;

use super::model::{Evidence, LARGEST_EVIDENCE_BYTES};

/// A kind of file that is taken.
struct Kind {
    name: &'static str,
    /// What its name may end in.
    endings: &'static [&'static str],
    media_type: &'static str,
    holds: fn(&[u8]) -> bool,
}

const KINDS: [Kind; 7] = [
    Kind {
        name: "PDF",
        endings: &["pdf"],
        media_type: "application/pdf",
        holds: |bytes| bytes.starts_with(b"%PDF-"),
    },
    Kind {
        name: "PNG",
        endings: &["png"],
        media_type: "image/png",
        holds: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
    },
    Kind {
        name: "JPEG",
        endings: &["jpg", "jpeg"],
        media_type: "image/jpeg",
        holds: |bytes| bytes.starts_with(b"\xff\xd8\xff"),
    },
    Kind {
        name: "XLSX",
        endings: &["xlsx"],
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        holds: |bytes| is_office(bytes, b"xl/workbook.xml"),
    },
    Kind {
        name: "DOCX",
        endings: &["docx"],
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        holds: |bytes| is_office(bytes, b"word/document.xml"),
    },
    Kind { name: "CSV", endings: &["csv"], media_type: "text/csv", holds: is_text },
    Kind { name: "TXT", endings: &["txt"], media_type: "text/plain", holds: is_text },
];

/// The names of the kinds, "PDF, PNG, …".
pub(crate) fn kinds() -> String {
    KINDS.map(|kind| kind.name).join(", ")
}

/// The endings, as the field of a form names them: ".pdf,.png,…".
pub(crate) fn endings() -> String {
    let endings = KINDS.iter().flat_map(|kind| kind.endings);
    endings.map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(",")
}

/// The media type of a file whose content is what its name ends in.
pub(crate) fn media_type(file: &Evidence) -> Option<&'static str> {
    let (_, ending) = file.name.rsplit_once('.')?;
    let fits = |kind: &&Kind| kind.endings.iter().any(|it| it.eq_ignore_ascii_case(ending));
    let kind = KINDS.iter().find(fits)?;
    (kind.holds)(&file.content).then_some(kind.media_type)
}

/// What is wrong with a file.
pub(crate) fn wrong(file: &Evidence) -> Option<Text> {
    if file.content.len() > LARGEST_EVIDENCE_BYTES {
        let most = LARGEST_EVIDENCE_BYTES >> 20;
        return Some(Text::new(move |lang| lang::observations::file_too_large(lang, most)));
    }
    let refused = || Text::new(|lang| lang::observations::file_kind(lang, kinds()));
    media_type(file).is_none().then(refused)
}

/// A package of an office program: its parts are named in the clear in its directory.
fn is_office(bytes: &[u8], part: &[u8]) -> bool {
    let names = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    bytes.starts_with(b"PK\x03\x04") && names(b"[Content_Types].xml") && names(part)
}

/// Words in UTF-8, as every editor shows them.
fn is_text(bytes: &[u8]) -> bool {
    let plain = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_for_what_it_holds() {
        let sheet = b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml";
        let paper = b"PK\x03\x04..[Content_Types].xml..word/document.xml";
        for (name, content, holds) in [
            ("a.pdf", &b"%PDF-1.7 ..."[..], true),
            ("A.PDF", b"%PDF-1.7 ...", true),
            ("a.pdf", b"<html>", false),
            ("a.html", b"%PDF-1.7", false),
            ("a.png", b"\x89PNG\r\n\x1a\n...", true),
            ("a.png", b"\xff\xd8\xff\xe0", false),
            ("a.jpeg", b"\xff\xd8\xff\xe0", true),
            ("a.xlsx", sheet, true),
            ("a.docx", sheet, false),
            ("a.docx", paper, true),
            ("a.xlsx", b"PK\x03\x04 only an archive", false),
            ("a.csv", "số;hộ\r\n1;2\n".as_bytes(), true),
            ("a.txt", "\u{feff}Biên bản".as_bytes(), true),
            ("a.txt", b"MZ\x90\x00", false),
            ("a.txt", b"\xff\xfea\x00", false),
            ("a.bat", b"del *", false),
            ("a", b"%PDF-1.7", false),
        ] {
            let file = Evidence {
                name: name.to_owned(),
                media_type: "image/png".to_owned(),
                content: content.to_vec(),
            };
            assert_eq!(wrong(&file).is_none(), holds, "{name} {content:?}");
        }
    }
}
