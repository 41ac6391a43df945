//! Writes every piece and chart to HTML files: `cargo run -p web --example gallery -- DIRECTORY`.
//! All data is made up.

use std::path::{Path, PathBuf};

use axum::http::Uri;
use base::{Day, Error, FieldError};
use lang::{Lang, Text};
use maud::{Markup, html};
use web::chart::{
    Area, Break, Choropleth, Chosen, Event, Line, Moved, Multiple, Multiples, Pair, Point, Ranked,
    Ranking, Series, Shows, Side, Stretch, Target, choropleth, ladder, multiples, pair,
    quantile_classes, ranking, series, timeline,
};
use web::pieces::{self, Badge, Choice, Column, Crumb, Field, Figure, Parts, Tab};
use web::{Asked, Frame, Notice, Section, Standing, Visitor, assets, layout};

const NO_DATA: &str = "không có số liệu";

fn main() -> std::io::Result<()> {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".to_owned()));
    std::fs::create_dir_all(&directory)?;
    std::fs::write(directory.join("sogoc.css"), assets::stylesheet_text())?;
    for lang in Lang::ALL {
        write(&directory, "unit", lang, unit_page(lang))?;
        write(&directory, "form", lang, form_page(lang))?;
        write(&directory, "pieces", lang, pieces_page(lang))?;
        write(&directory, "board", lang, board_page(lang))?;
    }
    Ok(())
}

fn write(directory: &Path, name: &str, lang: Lang, page: Markup) -> std::io::Result<()> {
    let text = page.into_string().replace(assets::stylesheet(), "sogoc.css");
    std::fs::write(directory.join(format!("{name}-{}.html", lang.tag())), text)
}

fn frame(lang: Lang, section: Section, title: &str) -> Frame {
    let asked = Asked {
        lang,
        path_and_query: Uri::from_static("/units/31441?day=2025-07-01").to_string(),
        place: "Thành phố Cần Thơ".into(),
        visitor: (section == Section::Work).then(|| Visitor {
            name: "Cán bộ A (minh họa)".to_owned(),
            csrf: "x".to_owned(),
            rights: std::sync::Arc::default(),
        }),
        ..Asked::default()
    };
    let day = |text: &str| text.parse().unwrap_or(Day(0));
    Frame::new(&asked, section, title).standing(Standing {
        map: day("2025-07-01"),
        day: day("2026-11-22"),
        made_up: true,
    })
}

fn unit_page(lang: Lang) -> Markup {
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: "Đơn vị hành chính", href: "/units" },
            Crumb { label: "Thành phố Cần Thơ", href: "/units/92" },
        ]))
        (pieces::heading("Xã Vị Thủy", Some(
            "Thành lập trên cơ sở nhập toàn bộ thị trấn Nàng Mau và các xã Vị Thắng, Vị Trung.",
        )))
        (pieces::tabs("Các mặt của đơn vị", &[
            Tab { label: "Tổng quan", href: "#a" },
            Tab { label: "Lịch sử", href: "#b" },
            Tab { label: "Ấp, khu vực", href: "#c" },
            Tab { label: "Nguồn", href: "#d" },
        ], 0))
        (figures(lang))
        h2 { "Dùng ứng dụng qua các kỳ và so với nơi khác" }
        (pieces::beside(&[series(lang, &app_series()), ranking(lang, &app_ranking())]))
        h2 { "Trên bản đồ" }
        (choropleth(lang, &map()))
        h2 { "Lịch sử" }
        (history())
        h2 { "Thông tin" }
        (pieces::definition_list(&[
            ("Mã đơn vị", html! { "31441" }),
            ("Loại", html! { "Xã" }),
            ("Diện tích", html! { "56,18 km²" }),
            ("Dân số", html! { "41.238 người " (pieces::badge(lang, Badge::Estimated)) }),
            ("Căn cứ", html! { a href="/sources/1668" { "Nghị quyết 1668/NQ-UBTVQH15" } }),
        ]))
    };
    layout(&frame(lang, Section::Units, "Xã Vị Thủy"), body)
}

fn figures(lang: Lang) -> Markup {
    pieces::figures(
        lang,
        &[
            Figure {
                label: "Hộ dùng ứng dụng công dân số",
                value: Some("19,54 %"),
                parts: Some(Parts { numerator: "1.482 hộ dùng", denominator: "7.585 hộ" }),
                href: "/indicators/app",
                badge: None,
            },
            Figure {
                label: "Hồ sơ trực tuyến toàn trình",
                value: Some("47,58 %"),
                parts: Some(Parts {
                    numerator: "118 hồ sơ", denominator: "248 hồ sơ tiếp nhận"
                }),
                href: "/indicators/online",
                badge: Some(Badge::Warning("lệch với số đã công bố")),
            },
            Figure {
                label: "Hộ đồng bào dân tộc thiểu số",
                value: Some("612"),
                parts: None,
                href: "/indicators/ethnic",
                badge: Some(Badge::Estimated),
            },
            Figure {
                label: "Tổ công nghệ số cộng đồng",
                value: None,
                parts: None,
                href: "/indicators/teams",
                badge: None,
            },
        ],
    )
}

fn point(value: Option<f64>) -> Point {
    let words = |value: f64| format!("{value:.1} %").replace('.', ",");
    let shown = value.map_or_else(|| NO_DATA.to_owned(), words);
    Point { value, shown, estimated: value.is_some_and(|value| value < 6.0) }
}

fn app_series() -> Series {
    let periods = ["Q1/24", "Q2/24", "Q3/24", "Q4/24", "Q1/25", "Q2/25", "Q3/25", "Q4/25", "Q1/26"];
    let values = [4.1, 5.2, 8.4, f64::NAN, 11.9, 13.0, 14.8, 17.2, 19.5];
    let values = values.map(|value| value.is_finite().then_some(value));
    Series {
        title: "Tỷ lệ hộ dùng ứng dụng công dân số".to_owned(),
        unit: "% số hộ".to_owned(),
        periods: periods.map(str::to_owned).to_vec(),
        titles: Vec::new(),
        lines: vec![Line {
            name: "Xã Vị Thủy".to_owned(), points: values.map(point).to_vec()
        }],
        breaks: vec![Break { before: 6, label: "sáp nhập 01/07/2025".to_owned(), cuts: true }],
        targets: vec![
            Stretch { at: 2..4, target: Target { value: 10.0, shown: "10 %".to_owned() } },
            Stretch { at: 6..9, target: Target { value: 25.0, shown: "25 %".to_owned() } },
        ],
        chosen: Some(Chosen { at: 8..9, label: "Q1/26".to_owned() }),
    }
}

fn app_ranking() -> Ranking {
    let rows = [
        ("1", "Phường Vị Thanh", Some(31.2)),
        ("2", "Phường Ngã Bảy", Some(28.75)),
        ("3", "Xã Châu Thành", Some(24.0)),
        ("4", "Xã Vị Thủy", Some(19.54)),
        ("5–6", "Xã Vĩnh Thuận Đông", Some(12.1)),
        ("5–6", "Xã Hỏa Lựu", Some(12.1)),
        ("7", "Xã Thạnh Hòa", Some(3.02)),
        ("", "Xã Phương Bình", None),
    ];
    Ranking {
        title: "Hộ dùng ứng dụng, quý 1/2026".to_owned(),
        unit: "% số hộ".to_owned(),
        rows: rows
            .into_iter()
            .map(|(rank, label, value)| Ranked {
                rank: rank.to_owned(),
                label: label.to_owned(),
                href: "/units".to_owned(),
                value,
                shown: value
                    .map_or_else(|| NO_DATA.to_owned(), |v| format!("{v:.2}").replace('.', ",")),
                estimated: label == "Xã Hỏa Lựu",
                warning: None,
                is_here: label == "Xã Vị Thủy",
                moved: Some(match rank {
                    "1" => Moved::Up(2),
                    "3" => Moved::Down(2),
                    "" => Moved::New,
                    _ => Moved::Stayed,
                }),
            })
            .collect(),
        target: Some(Target { value: 25.0, shown: "25 %".to_owned() }),
        full: Some(100.0),
        since: Some("quý 4/2025".to_owned()),
    }
}

fn board_page(lang: Lang) -> Markup {
    let mut steady = app_series();
    steady.breaks[0].cuts = false;
    let body = html! {
        (pieces::heading("Bảng điều hành", Some("Mọi biểu đồ của một bảng, với dữ liệu tự đặt.")))
        (pieces::beside(&[
            series(lang, &steady),
            ladder(lang, &app_ranking()),
            multiples(lang, &many_lines()),
        ]))
        (pair(lang, &two_maps()))
    };
    layout(&frame(lang, Section::Overview, "Bảng điều hành"), body)
}

fn many_lines() -> Multiples {
    let series = app_series();
    let unit = |(at, ranked): (usize, &Ranked)| Multiple {
        name: ranked.label.clone(),
        points: series.lines[0]
            .points
            .iter()
            .map(|known| point(known.value.map(|value| value + at as f64 * 2.0)))
            .collect(),
    };
    Multiples {
        title: "Hộ dùng ứng dụng".to_owned(),
        unit: "% số hộ".to_owned(),
        periods: series.periods.clone(),
        units: app_ranking().rows.iter().enumerate().map(unit).collect(),
        targets: series.targets.clone(),
        breaks: series.breaks.clone(),
    }
}

fn two_maps() -> Pair {
    let Choropleth { title, unit, legend, areas, .. } = map();
    let side = |caption: &str, note: Option<&str>, areas: Vec<Area>| Side {
        caption: caption.to_owned(),
        note: note.map(str::to_owned),
        areas,
    };
    let after = areas.iter().step_by(2).cloned().collect();
    let sides = [
        side("20 đơn vị đến hết 30/06/2025", Some("Đường ranh giới chỉ là phác họa."), areas),
        side("10 đơn vị từ 01/07/2025", None, after),
    ];
    Pair { id: "app".to_owned(), title, unit, legend, sides }
}

/// Invented land: a grid of crooked fields.
fn map() -> Choropleth {
    let values: Vec<Option<f64>> =
        (0..20).map(|at| (at != 7).then_some(f64::from(at * 37 % 41))).collect();
    let classes = quantile_classes(&values);
    let areas = values.iter().enumerate().map(|(at, value)| {
        let (column, row) = ((at % 5) as f64, (at / 5) as f64);
        let bend = |x: f64, y: f64| {
            (105.4 + x * 0.1 + 0.02 * (y * 2.1).sin(), 9.9 - y * 0.09 + 0.02 * (x * 1.7).cos())
        };
        let edge = |from: (f64, f64), to: (f64, f64)| {
            (0..8).map(move |step| {
                let share = f64::from(step) / 8.0;
                bend(from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
            })
        };
        let corners =
            [(column, row), (column + 1.0, row), (column + 1.0, row + 1.0), (column, row + 1.0)];
        let ring = (0..4).flat_map(|c| edge(corners[c], corners[(c + 1) % 4])).collect();
        Area {
            id: at.to_string(),
            label: format!("Vị Thủy {at}"),
            href: format!("/units/{at}"),
            shown: value.map_or_else(|| NO_DATA.to_owned(), |value| format!("{value} %")),
            class: classes.of[at],
            rings: vec![ring],
        }
    });
    Choropleth {
        shows: Shows::Values,
        title: "Hộ dùng ứng dụng, quý 1/2026".to_owned(),
        unit: "% số hộ".to_owned(),
        areas: areas.collect(),
        legend: classes.spans.iter().map(|(low, high)| format!("{low}–{high}")).collect(),
        here: Some("12".to_owned()),
    }
}

fn history() -> Markup {
    let day = |text: &str| text.parse().unwrap_or(Day(0));
    let event = |text: &str, title: &str, body: Markup| Event {
        day: day(text),
        title: title.to_owned(),
        body,
    };
    let events = [
        event(
            "16/06/2025",
            "Nghị quyết được thông qua",
            html! {
                p { a href="/sources/1668" { "Nghị quyết 1668/NQ-UBTVQH15" } ", Điều 1 khoản 32." }
            },
        ),
        event(
            "01/07/2025",
            "Thành lập trên cơ sở nhập",
            html! {
                ul {
                    li { a href="/units/1" { "Thị trấn Nàng Mau" } " (toàn bộ)" }
                    li { a href="/units/2" { "Xã Vị Thắng" } " (toàn bộ)" }
                    li { a href="/units/3" { "Xã Vị Trung" } " (toàn bộ)" }
                }
            },
        ),
        event("01/01/2027", "Đổi tên ấp (dự kiến)", html! { p { "Chưa có hiệu lực." } }),
    ];
    timeline("Lịch sử của xã Vị Thủy", day("22/11/2026"), &events)
}

fn form_page(lang: Lang) -> Markup {
    let mistake = |place: &str, text: &'static str| FieldError {
        place: place.to_owned(),
        text: Text::new(move |_| text),
    };
    let errors = [
        mistake("effective", "Ngày có hiệu lực phải từ ngày ban hành (16/06/2025) trở đi."),
        mistake("kind", "Hãy chọn cách sắp xếp."),
    ];
    let field = |name, label| Field::new(lang, name, label).errors(&errors);
    let choices = [
        Choice {
            value: "merge", label: "Nhập toàn bộ các đơn vị thành một đơn vị mới"
        },
        Choice { value: "split", label: "Chia một đơn vị thành nhiều đơn vị" },
        Choice { value: "rename", label: "Đổi tên, giữ nguyên địa giới" },
    ];
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: "Cập nhật dữ liệu", href: "/tasks" }]))
        (pieces::heading("Ghi nhận sắp xếp đơn vị hành chính", None))
        (pieces::error_summary(lang, &errors))
        (pieces::upload("/tasks/mergers", Some("token"), html! {
            (field("act", "Số, ký hiệu văn bản").hint("Ví dụ: 1668/NQ-UBTVQH15").text("1668/NQ-UBTVQH15"))
            (field("effective", "Ngày có hiệu lực").hint("Ví dụ: 01/07/2025").day("01/06/2025"))
            (field("kind", "Cách sắp xếp").radios(&choices, ""))
            (field("unit", "Đơn vị mới").select(&[
                Choice { value: "1", label: "Xã Vị Thủy" }, Choice { value: "2", label: "Phường Vị Tân" },
            ], "2"))
            (field("area", "Diện tích (km²)").optional().number("56,18"))
            (field("note", "Ghi chú").optional().textarea("Nhập toàn bộ diện tích & dân số.", 3))
            (field("file", "Bản chụp nghị quyết").hint("Tệp PDF, không quá 20 MB.").file(".pdf"))
            (field("sure", "Tôi đã đối chiếu với bản giấy").tick(true))
            (pieces::submit("Ghi vào sổ"))
            (pieces::submit_danger("Rút số liệu này"))
        }))
    };
    let notice = Notice::Warning("Bản nháp này sẽ hết hạn ngày 30/11/2026.".to_owned());
    layout(&frame(lang, Section::Work, "Ghi nhận sắp xếp").notice(notice), body)
}

fn pieces_page(lang: Lang) -> Markup {
    let cell = |text: &str| html! { (text) };
    let rows: Vec<Vec<Markup>> = [
        ("31321", "Phường Vị Thanh", "01/07/2025", "58.214", "18,42"),
        ("31333", "Phường Vị Tân", "01/07/2025", "41.730", "44,07"),
        ("31338", "Xã Hỏa Lựu", "01/07/2025", "27.905", "60,31"),
        ("31441", "Xã Vị Thủy", "01/07/2025", "41.238", "56,18"),
    ]
    .iter()
    .map(|row| {
        vec![
            cell(row.0),
            html! { a href="/units" { (row.1) } },
            cell(row.2),
            cell(row.3),
            cell(row.4),
        ]
    })
    .collect();
    let body = html! {
        (pieces::heading("Đơn vị hành chính", Some("Tra theo mã hoặc tên, ở bất kỳ ngày nào.")))
        (pieces::filter("/units", html! {
            (Field::new(lang, "q", "Tên hoặc mã").search("vi thuy"))
            (Field::new(lang, "day", "Vào ngày").day("22/11/2026"))
            (pieces::submit_quiet("Tìm"))
        }))
        (pieces::table("Các xã, phường (4 trong 103)", &[
            Column::text("Mã"), Column::head("Tên"), Column::text("Từ ngày"),
            Column::number("Dân số (người)"), Column::number("Diện tích (km²)"),
        ], &rows))
        (pieces::pager(lang, "/units?q=vi&cursor=abc", Some("def")))
        h2 { "Không có gì" }
        (pieces::empty("Không có đơn vị nào tên “Vị Thuỷ Đông” vào ngày 22/11/2026.",
            Some(("/units?day=2025-06-30", "Tìm trên bản đồ ngày 30/06/2025"))))
        h2 { "Cờ" }
        p {
            (pieces::badge(lang, Badge::Neutral("đang có hiệu lực"))) " "
            (pieces::badge(lang, Badge::Warning("tỷ lệ không khớp"))) " "
            (pieces::badge(lang, Badge::Estimated)) " "
            (pieces::badge(lang, Badge::MadeUp)) " " (pieces::badge(lang, Badge::NoData))
        }
        (pieces::details("Con số này được tính thế nào?", html! {
            p { "Tử số là số hộ có ít nhất một tài khoản đã kích hoạt; mẫu số là số hộ thường trú." }
        }))
        h2 { "Nhiều đường" }
        (series(lang, &two_lines()))
        h2 { "Chưa có gì để vẽ" }
        (series(lang, &Series { title: "Số hộ".to_owned(), ..Series::default() }))
        (pieces::notice(lang, &Notice::Note(Error::Unauthenticated.say(lang))))
    };
    let notice = Notice::Done("Đã ghi vào sổ lúc 14:05.".to_owned());
    layout(&frame(lang, Section::Indicators, "Đơn vị hành chính").notice(notice), body)
}

fn two_lines() -> Series {
    let mut many = app_series();
    many.breaks.clear();
    many.targets.clear();
    for (name, add) in [("Phường Vị Thanh", 14.0), ("Cả thành phố", 6.0), ("Xã Hỏa Lựu", 2.5)]
    {
        let mut line = many.lines[0].clone();
        line.name = name.to_owned();
        for point in &mut line.points {
            *point = self::point(point.value.map(|value| value + add));
        }
        many.lines.push(line);
    }
    many
}
