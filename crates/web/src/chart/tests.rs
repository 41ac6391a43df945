//! Charts bear whatever the figures are: none, one, all alike, no numbers, hostile names.

use lang::Lang;
use maud::html;

use super::*;

const HOSTILE: &str = "\"><script>alert(1)</script>&'<wbr";
const VI: Lang = Lang::Vietnamese;

fn line(values: &[Option<f64>]) -> Series {
    let point = |value: f64| Point { value, shown: format!("{value}"), estimated: false };
    Series {
        title: "Hộ".to_owned(),
        periods: (0..values.len()).map(|at| format!("Q{at}")).collect(),
        lines: vec![Line {
            name: "Vị Thủy".to_owned(),
            points: values.iter().map(|value| value.map(point)).collect(),
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
        shown: "12,5 %".to_owned(),
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
    chart.breaks = vec![Break { before: 5, label: "01/07/2025".to_owned() }];
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
