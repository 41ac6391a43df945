//! An empty table to fill in: the columns that are read, and one line that shows how.

use base::text::fold;
use lang::Lang;

/// The heading, in the words of the office, and the example, which bears a mark so that nobody takes
/// it for an appointment.
pub(in super::super) fn table(lang: Lang, agency: &str, from: &str) -> [Vec<String>; 2] {
    let mark = lang::organisation::example_mark(lang);
    let heading = [
        "Cơ quan",
        "Chức vụ",
        "Họ và tên",
        "Thư điện tử",
        "Điện thoại",
        "Từ ngày",
        "Quyết định",
        "Hình thức",
    ];
    let example = [
        agency,
        "Phó Chủ tịch UBND xã",
        "Nguyễn Văn Mẫu",
        "nguyenvanmau@example.vn",
        "",
        from,
        mark,
        "Chính thức",
    ];
    [heading, example].map(|row| row.map(str::to_owned).to_vec())
}

/// Whether a text is the mark of the example, in whatever language.
pub(super) fn is_example(text: &str) -> bool {
    let text = fold(text);
    Lang::ALL.into_iter().any(|lang| fold(lang::organisation::example_mark(lang)) == text)
}
