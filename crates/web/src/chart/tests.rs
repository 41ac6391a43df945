//! Charts bear whatever the figures are: none, one, all alike, no numbers, hostile names.

use lang::Lang;
use maud::html;

use super::*;

const HOSTILE: &str = "\"><script>alert(1)</script>&'<wbr";
const VI: Lang = Lang::Vietnamese;
const NO_DATA: &str = "không có số liệu";
const HIDDEN: &str = "không hiển thị";

fn line(values: &[Option<f64>]) -> Series {
    let point = |value: &Option<f64>| Point {
        value: *value,
        shown: value.map_or_else(|| NO_DATA.to_owned(), |value| value.to_string()),
        estimated: false,
    };
    Series {
        title: "Hộ".to_owned(),
        periods: (0..values.len()).map(|at| format!("Q{at}")).collect(),
        lines: vec![Line {
            name: "Vị Thủy".to_owned(),
            points: values.iter().map(point).collect(),
        }],
        ..Series::default()
    }
}

#[test]
fn the_table_behind_a_line_has_the_periods_in_full() {
    let mut chart = line(&[Some(1.0), Some(2.0)]);
    chart.titles = vec!["Q0, 15/12–14/03".to_owned(), "Q1, 15/03–14/06".to_owned()];
    let text = series(Lang::Vietnamese, &chart).into_string();
    let (drawing, table) = text.split_once("</svg>").unwrap();
    assert!(drawing.contains(">Q1</text>") && !drawing.contains("14/06"), "{drawing}");
    assert!(table.contains("Q1, 15/03–14/06"), "{table}");
}

fn area(label: &str, class: Option<usize>, ring: &[(f64, f64)]) -> Area {
    Area {
        id: label.to_owned(),
        label: label.to_owned(),
        href: format!("/units/{label}"),
        shown: if class.is_some() { "12,5 %" } else { HIDDEN }.to_owned(),
        class,
        rings: vec![ring.to_vec()],
    }
}

const SQUARE: [(f64, f64); 4] = [(105.0, 9.0), (105.5, 9.0), (105.5, 9.5), (105.0, 9.5)];

fn is_well_placed(text: &str) -> bool {
    !text.contains("NaN") && !text.contains("inf")
}

#[test]
fn a_line_is_drawn_whatever_the_figures_are() {
    for (values, drawn) in [
        (vec![], false),
        (vec![None, None], false),
        (vec![Some(f64::NAN), Some(f64::INFINITY)], false),
        (vec![Some(5.0)], true),
        (vec![Some(5.0), Some(5.0), Some(5.0)], true),
        (vec![Some(0.0), Some(0.0)], true),
        (vec![Some(-3.0), Some(1e12), Some(f64::NAN)], true),
    ] {
        let text = series(VI, &line(&values)).into_string();
        let svg = text.split("<details").next().unwrap_or_default();
        assert_eq!(svg.contains("<svg"), drawn, "{values:?}");
        assert!(is_well_placed(svg), "{values:?}: {svg}");
        assert!(text.contains("<table>"), "a chart has its table: {values:?}");
    }
}

#[test]
fn no_data_is_a_gap_and_a_change_of_the_map_cuts_the_line() {
    let mut chart = line(&[Some(1.0), Some(2.0), None, Some(3.0), Some(4.0), Some(5.0)]);
    chart.breaks = vec![Break { before: 5, label: "01/07/2025".to_owned(), cuts: true }];
    let text = series(VI, &chart).into_string();
    let path = text.split("<path d=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let pens: String = path.chars().filter(char::is_ascii_alphabetic).collect();
    assert_eq!(pens, "MLMLM");
    assert!(text.contains("01/07/2025"));
    assert!(text.contains(lang::web::no_data(VI)), "the table says so too");
    assert!(text.contains(r#"role="img"><title>Hộ</title><desc>Vị Thủy: từ Q0 (1) đến Q5 (5)."#));
}

#[test]
fn a_bar_begins_at_zero_and_no_data_has_none() {
    let row = |value: Option<f64>| Ranked {
        rank: "1".to_owned(),
        label: HOSTILE.to_owned(),
        href: HOSTILE.to_owned(),
        value,
        shown: HOSTILE.to_owned(),
        estimated: true,
        warning: None,
        is_here: true,
        moved: None,
    };
    for (values, expected) in [
        (vec![Some(50.0), Some(100.0)], vec![("0", "50"), ("0", "100")]),
        (vec![Some(-50.0), Some(50.0)], vec![("0", "50"), ("50", "50")]),
        (vec![Some(0.0), None, Some(f64::NAN)], vec![("0", "0")]),
    ] {
        let rows = values.iter().map(|value| row(*value)).collect();
        let text = ranking(VI, &Ranking { rows, ..Ranking::default() }).into_string();
        let bars: Vec<String> = text
            .split("<rect ")
            .skip(1)
            .map(|rest| rest.split(" height").next().unwrap_or_default().to_owned())
            .collect();
        let expected: Vec<String> =
            expected.iter().map(|(x, width)| format!("x=\"{x}\" width=\"{width}\"")).collect();
        assert_eq!(bars, expected, "{values:?}");
        assert!(is_well_placed(&text) && !text.contains("<script"));
    }
    assert!(!ranking(VI, &Ranking::default()).into_string().contains("<table"));
}

#[test]
fn a_map_links_its_areas_and_hatches_what_has_no_data() {
    let map = Choropleth {
        title: HOSTILE.to_owned(),
        areas: vec![area("A", Some(9), &SQUARE), area(HOSTILE, None, &SQUARE)],
        here: Some("A".to_owned()),
        ..Choropleth::default()
    };
    let text = choropleth(VI, &map).into_string();
    assert!(text.contains(r#"<a class="here" href="/units/A"><title>A: 12,5 %</title>"#), "{text}");
    assert!(text.contains(r#"class="class-4""#), "a class beyond the last is the last");
    assert!(text.contains(r#"fill="url(#no-data)""#));
    assert!(text.contains("</svg>không hiển thị</li>"), "the legend: {text}");
    assert!(!text.contains("<script") && is_well_placed(&text));
    // 0,5° by 0,5° at 9,25° north: the drawing is 1000 wide and a little taller.
    assert!(text.contains(r#"viewBox="0 0 1000 1014""#), "{text}");
    assert!(text.contains(r#"d="M0 1013l1000 0 0-1013-1000 0z""#), "{text}");
}

#[test]
fn a_map_of_places_speaks_of_no_values() {
    let map = Choropleth {
        shows: Shows::Places,
        unit: "Mã số".to_owned(),
        areas: vec![area("A", Some(3), &SQUARE), area("B", Some(0), &SQUARE)],
        ..Choropleth::default()
    };
    let everywhere = choropleth(VI, &map).into_string();
    let here = choropleth(VI, &Choropleth { here: Some("A".to_owned()), ..map }).into_string();
    for text in [&everywhere, &here] {
        assert!(!text.contains("giá trị") && !text.contains("Giá trị"), "{text}");
        assert!(text.contains("Mã số</th>") && !text.contains("class=\"legend\""), "{text}");
    }
    assert!(here.contains("<desc>Bản đồ 2 đơn vị; A được tô đậm"), "{here}");
    assert!(everywhere.contains("<desc>Bản đồ 2 đơn vị; "), "{everywhere}");
}

#[test]
fn a_map_without_land_is_no_drawing() {
    let point = [(105.0, 9.0); 3];
    let broken = [(f64::NAN, 9.0), (105.0, f64::INFINITY)];
    for ring in [&[][..], &point[..], &broken[..]] {
        let areas = vec![area("A", Some(0), ring)];
        let text = choropleth(VI, &Choropleth { areas, ..Choropleth::default() }).into_string();
        assert!(!text.contains("<svg class=\"map\"") && text.contains("<table>"), "{ring:?}");
    }
}

#[test]
fn quantile_classes_are_even_and_keep_equal_values_together() {
    for (values, expected, spans) in [
        (vec![], vec![], 0),
        (vec![None, Some(f64::NAN)], vec![None, None], 0),
        (vec![Some(7.0), None, Some(7.0)], vec![Some(0), None, Some(0)], 1),
        (
            vec![Some(5.0), Some(1.0), Some(4.0), Some(2.0), Some(3.0)],
            vec![Some(4), Some(0), Some(3), Some(1), Some(2)],
            5,
        ),
        (
            vec![Some(0.0), Some(0.0), Some(0.0), Some(0.0), Some(9.0)],
            { vec![Some(0), Some(0), Some(0), Some(0), Some(1)] },
            2,
        ),
    ] {
        let classes = quantile_classes(&values);
        assert_eq!(classes.of, expected, "{values:?}");
        assert_eq!(classes.spans.len(), spans, "{values:?}");
    }
}

#[test]
fn events_stay_in_their_order_and_those_to_come_are_marked() {
    let event = |day: &str| Event {
        day: day.parse().unwrap(),
        title: HOSTILE.to_owned(),
        body: html! { p { (HOSTILE) } },
    };
    let events = [event("01/07/2025"), event("02/07/2025"), event("01/01/2027")];
    let text = timeline(HOSTILE, "2025-07-02".parse().unwrap(), &events).into_string();
    assert_eq!(text.matches("<li class=\"later\">").count(), 1);
    assert!(text.find("01/07/2025") < text.find("<li class=\"later\">"));
    assert!(text.contains(r#"<time datetime="2025-07-01">01/07/2025</time>"#));
    assert!(!text.contains("<script"));
}

#[test]
fn a_change_of_the_map_that_cuts_nothing_is_marked_all_the_same() {
    let mut chart = line(&[Some(1.0), Some(2.0), Some(3.0)]);
    chart.breaks =
        vec![Break { before: 1, label: "sáp nhập 01/07/2025".to_owned(), cuts: false }];
    let text = series(VI, &chart).into_string();
    let path = text.split("<path d=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let pens: String = path.chars().filter(char::is_ascii_alphabetic).collect();
    assert_eq!(pens, "MLL");
    assert!(text.contains(">sáp nhập 01/07/2025</text>"), "{text}");
    let (_, said) = text.split_once("<desc>").unwrap();
    assert!(said.split("</desc>").next().unwrap().contains("sáp nhập 01/07/2025, trước Q1."));
}

fn stretch(at: std::ops::Range<usize>, value: f64) -> Stretch {
    Stretch { at, target: Target { value, shown: format!("{value}%") } }
}

#[test]
fn each_target_stands_across_its_own_periods() {
    let mut chart = line(&[Some(10.0), Some(20.0), Some(30.0), Some(40.0), Some(50.0)]);
    chart.targets = vec![stretch(0..2, 30.0), stretch(3..5, 80.0)];
    let text = series(VI, &chart).into_string();
    let ends: Vec<(&str, &str)> = text
        .split("<line class=\"target\" x1=\"")
        .skip(1)
        .map(|rest| {
            let (from, rest) = rest.split_once('"').unwrap();
            (from, rest.split('"').nth(1).unwrap())
        })
        .collect();
    // 103 units between two periods, half of it to both sides; the ends reach the edges.
    assert_eq!(ends, [("0", "188.5"), ("291.5", "480")], "{text}");
    assert!(text.contains(">30%</text>") && text.contains(">Mức đề ra 80%</text>"), "{text}");
    assert!(text.contains("Mức đề ra 30% từ Q0 đến Q1."), "{text}");
    // A target above all values still lies inside the drawing.
    assert!(text.contains(">80</text>"), "the axis reaches it: {text}");
}

fn ranked(rank: &str, label: &str, value: Option<f64>, moved: Option<Moved>) -> Ranked {
    Ranked {
        rank: rank.to_owned(),
        label: label.to_owned(),
        href: "/x".to_owned(),
        value,
        shown: value.map_or_else(|| HIDDEN.to_owned(), |value| format!("{value}%")),
        estimated: false,
        warning: None,
        is_here: false,
        moved,
    }
}

#[test]
fn places_move_by_as_many_as_lie_between_them() {
    for (before, now, sign, words) in [
        (Some(5), Some(2), "▲ 3", "lên 3 bậc"),
        (Some(1), Some(9), "▼ 8", "xuống 8 bậc"),
        (Some(4), Some(4), "=", "giữ nguyên bậc"),
        (None, Some(4), "–", "chưa có thứ hạng để so sánh"),
        (Some(4), None, "–", "chưa có thứ hạng để so sánh"),
    ] {
        let moved = Moved::between(before, now);
        assert_eq!((moved.sign().as_str(), moved.words(VI).as_str()), (sign, words));
    }
}

#[test]
fn a_ladder_says_who_leads_who_is_last_and_who_moved_most() {
    let rows = vec![
        ranked("1", "Vị Thủy", Some(90.0), Some(Moved::Up(1))),
        ranked("2", "Xã Vĩnh Thuận Đông thứ hai", Some(60.0), Some(Moved::Up(4))),
        ranked("3", HOSTILE, Some(30.0), Some(Moved::Down(5))),
        ranked("", "Chưa báo cáo", None, Some(Moved::New)),
    ];
    let chart = Ranking {
        title: "Hộ".to_owned(),
        rows,
        full: Some(100.0),
        target: Some(Target { value: 80.0, shown: "80%".to_owned() }),
        since: Some("Quý I/2026".to_owned()),
        ..Ranking::default()
    };
    let text = ladder(VI, &chart).into_string();
    assert!(text.contains("role=\"img\"><title>Hộ</title><desc>3 đơn vị có số liệu."), "{text}");
    for part in [
        "Đứng đầu: Vị Thủy (90%)",
        "Xã Vĩnh Thuận Đông thứ hai: lên 4 bậc.",
        "xuống 5 bậc.",
        "Mức đề ra 80%.",
        ">▲ 4</text>",
        ">▼ 5</text>",
        "so với Quý I/2026",
        "Xã Vĩnh Thuận Đông…",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (drawing, table) = text.split_once("</svg>").unwrap();
    let bars = drawing.split("class=\"bars\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(bars.matches('M').count(), 3, "no data has no bar: {bars}");
    // Of 154 units: 90, 60 and 30 in a hundred.
    assert!(bars.contains("h138.6v11") && bars.contains("h92.4v11") && bars.contains("h46.2v11"));
    assert!(table.contains("<details>") && table.contains("Xã Vĩnh Thuận Đông thứ hai</th>"));
    assert!(!text.contains("<script") && is_well_placed(&text));
    // A number that may not be shown is there all the same: nobody says it was not reported.
    let table = ranking(VI, &chart).into_string();
    for text in [&text, &table] {
        assert!(text.contains(HIDDEN) && !text.contains(NO_DATA), "{text}");
    }
    assert!(table.contains("aria-label=\"lên 4 bậc\">▲ 4</span>"), "{table}");
    assert!(!ladder(VI, &Ranking::default()).into_string().contains("<svg"));
}

fn small(values: &[(&str, &[Option<f64>])]) -> Multiples {
    let point = |value: &Option<f64>| Point {
        value: *value,
        shown: value.map_or_else(|| HIDDEN.to_owned(), |value| format!("{value}%")),
        estimated: *value == Some(7.0),
    };
    let unit = |(name, values): &(&str, &[Option<f64>])| Multiple {
        name: (*name).to_owned(),
        points: values.iter().map(point).collect(),
    };
    Multiples {
        title: "Hộ".to_owned(),
        periods: (0..values.first().map_or(0, |(_, all)| all.len()))
            .map(|at| format!("Q{at}"))
            .collect(),
        units: values.iter().map(unit).collect(),
        ..Multiples::default()
    }
}

#[test]
fn small_multiples_share_one_scale_and_name_the_last_value() {
    let mut chart = small(&[
        ("A", &[Some(0.0), Some(50.0), Some(100.0)]),
        (HOSTILE, &[Some(100.0), None, Some(50.0)]),
        ("C", &[None, None, None]),
        ("D", &[Some(7.0), Some(7.0), None]),
    ]);
    chart.targets = vec![stretch(1..3, 80.0)];
    chart.breaks = vec![Break { before: 1, label: "sáp nhập".to_owned(), cuts: false }];
    let text = multiples(VI, &chart).into_string();
    let lines = text.split("line-0\"><path d=\"").nth(1).unwrap().split('"').next().unwrap();
    let pens: String = lines.chars().filter(char::is_ascii_alphabetic).collect();
    assert_eq!(pens, "MllMMMl", "a gap parts the second line: {lines}");
    // From 0 to 50 and from 50 to 100 are each half of 36 units upwards.
    assert!(lines.starts_with("M3 60l48-18l47-18"), "{lines}");
    for part in [
        "Cao nhất ở kỳ cuối: A (100%)",
        "thấp nhất: D (7%)",
        "1 đơn vị tăng",
        "Mọi ô cùng thang đo 0–100, từ Q0 đến Q2",
        "Mức đề ra 80%",
        "sáp nhập",
        ">~7%</td>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("role=\"img\"><title>Hộ</title><desc>4 đơn vị"), "{text}");
    assert!(!text.contains("<script") && is_well_placed(&text));
    for nothing in [small(&[]), small(&[("A", &[None])])] {
        let text = multiples(VI, &nothing).into_string();
        assert!(!text.contains("<svg") && text.contains("<table"), "{text}");
    }
}

#[test]
fn two_maps_share_their_classes_and_their_piece_of_the_earth() {
    let [west, south, east, north] = [105.0, 9.0, 105.5, 9.5];
    let half = [(west, south), (105.25, south), (105.25, north), (west, north)];
    let rest = [(105.25, south), (east, south), (east, north), (105.25, north)];
    let side = |caption: &str, areas: Vec<Area>, note: Option<&str>| Side {
        caption: caption.to_owned(),
        note: note.map(str::to_owned),
        areas,
    };
    let before = vec![area("A", Some(0), &half), area("B", None, &rest)];
    let sides = [
        side("75 đơn vị", before, Some("phác họa")),
        side(HOSTILE, vec![area("C", Some(4), &SQUARE)], None),
    ];
    let legend = ["0–20", "20–40", "40–60", "60–80", "80–100"].map(str::to_owned).to_vec();
    let id = "app".to_owned();
    let chart = Pair { id, title: "Hộ".to_owned(), legend, sides, ..Pair::default() };
    let text = pair(VI, &chart).into_string();
    assert_eq!(text.matches("role=\"img\"").count(), 2);
    assert_eq!(text.matches("<ul class=\"legend\"").count(), 1);
    assert_eq!(text.matches("viewBox=\"0 0 240 244\"").count(), 2, "one land for both: {text}");
    assert!(text.contains("<title>Hộ: 75 đơn vị</title><desc>Bản đồ 2 đơn vị."), "{text}");
    assert!(text.contains("phác họa") && text.contains("url(#no-data-app-0)"), "{text}");
    assert!(text.contains("B</th><td>không hiển thị</td>"), "{text}");
    assert!(text.contains("</svg>không hiển thị</li>"), "the legend: {text}");
    assert!(!text.contains("<script") && is_well_placed(&text));
    assert!(text.contains("Nhóm giá trị cao nhất: A. Nhóm thấp nhất: A."), "{text}");
    // Of a large class the first are named, and nobody is left out in silence.
    let many = (1..=7).map(|at| area(&format!("X{at}"), Some(4), &SQUARE)).collect();
    let sides = [side("nay", many, None), side("trước", vec![area("A", Some(0), &half)], None)];
    let many = pair(VI, &Pair { id: "n".to_owned(), sides, ..Pair::default() }).into_string();
    assert!(many.contains("cao nhất: X1, X2, X3, X4, X5 và 2 đơn vị khác. Nhóm"), "{many}");
    let empty = pair(VI, &Pair::default()).into_string();
    assert!(!empty.contains("class=\"land\"") && empty.contains("<table"), "{empty}");
}

proptest::proptest! {
    #[test]
    fn every_value_has_one_class_and_higher_values_no_lower_one(
        values in proptest::collection::vec(proptest::option::of(-50_i32..50), 0..60)
    ) {
        let values: Vec<Option<f64>> = values.into_iter().map(|v| v.map(f64::from)).collect();
        let classes = quantile_classes(&values);
        let mut pairs: Vec<(f64, usize)> = values
            .iter()
            .zip(&classes.of)
            .filter_map(|(value, class)| Some(((*value)?, (*class).expect("a value has a class"))))
            .collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        proptest::prop_assert!(pairs.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        proptest::prop_assert!(classes.spans.len() <= 5);
        proptest::prop_assert!(classes.spans.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn places_gained_by_some_are_lost_by_others(
        order in proptest::collection::vec(0_usize..1000, 1..30)
    ) {
        // Places before are 1, 2, 3 …; those now follow the numbers drawn, without equals.
        let mut now: Vec<usize> = (0..order.len()).collect();
        now.sort_by_key(|at| (order[*at], *at));
        let mut sum = 0_i64;
        for (place, before) in now.iter().enumerate() {
            sum += match Moved::between(Some(before + 1), Some(place + 1)) {
                Moved::Up(places) => places as i64,
                Moved::Down(places) => -(places as i64),
                Moved::Stayed | Moved::New => 0,
            };
        }
        proptest::prop_assert_eq!(sum, 0);
    }

    #[test]
    fn small_multiples_stay_inside_their_panels(
        values in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(-1e9_f64..1e9), 4), 1..20)
    ) {
        let names: Vec<String> = (0..values.len()).map(|at| at.to_string()).collect();
        let list: Vec<(&str, &[Option<f64>])> =
            names.iter().zip(&values).map(|(name, all)| (&**name, &**all)).collect();
        let text = multiples(VI, &small(&list)).into_string();
        proptest::prop_assert!(is_well_placed(&text));
        if let Some(lines) = text.split("line-0\"><path d=\"").nth(1) {
            let lines = lines.split('"').next().unwrap_or_default();
            for line in lines.split('M').skip(1) {
                let mut steps = line.split('l').map(|step| {
                    let at = step.char_indices().skip(1).find(|(_, it)| " -".contains(*it));
                    let (x, y) = step.split_at(at.map_or(0, |(at, _)| at));
                    let number = |text: &str| text.trim().parse::<f64>().unwrap();
                    (number(x), number(y))
                });
                let (mut x, mut y) = steps.next().unwrap();
                let row = ((y - 24.0) / 72.0).floor();
                for step in std::iter::once((0.0, 0.0)).chain(steps) {
                    (x, y) = (x + step.0, y + step.1);
                    proptest::prop_assert!((0.0..=480.0).contains(&x), "{}", line);
                    let below_name = y - row * 72.0;
                    proptest::prop_assert!((23.9..=60.1).contains(&below_name), "{}", line);
                }
            }
        }
    }

    #[test]
    fn a_chart_places_every_finite_figure_inside_its_drawing(
        values in proptest::collection::vec(proptest::option::of(-1e9_f64..1e9), 1..30)
    ) {
        let text = series(VI, &line(&values)).into_string();
        for place in text.split(" cy=\"").skip(1) {
            let y: f64 = place.split('"').next().unwrap_or_default().parse().unwrap();
            proptest::prop_assert!((30.0..=220.0).contains(&y), "{}", y);
        }
        proptest::prop_assert!(is_well_placed(&text));
    }
}
