//! Outlines of areas: from degrees to the drawing, as short paths, with room for their names.

use std::collections::HashSet;

/// The width of the drawing; its height follows the land.
pub(crate) const WIDTH: f64 = 1000.0;
/// A letter of a name takes about this much of the width.
const LETTER: f64 = 10.5;
/// A name stands this much above and below its middle.
const HALF_LINE: f64 = 10.0;

/// A corner in whole units of the drawing.
pub(crate) type Corner = (i32, i32);

/// Equirectangular, with longitudes shortened by the cosine of the middle latitude.
pub(crate) struct Land {
    west: f64,
    north: f64,
    shorten: f64,
    scale: f64,
    pub(crate) height: f64,
}

impl Land {
    /// The drawing that holds all rings of longitudes and latitudes; none where they span nothing.
    pub(crate) fn over<'a>(rings: impl Iterator<Item = &'a Vec<(f64, f64)>>) -> Option<Self> {
        Self::of_width(WIDTH, rings)
    }

    /// The same in a drawing of another width.
    pub(crate) fn of_width<'a>(
        width: f64,
        rings: impl Iterator<Item = &'a Vec<(f64, f64)>>,
    ) -> Option<Self> {
        let (mut west, mut east) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut south, mut north) = (f64::INFINITY, f64::NEG_INFINITY);
        for (longitude, latitude) in rings.flatten().filter(|place| is_known(place)) {
            (west, east) = (west.min(*longitude), east.max(*longitude));
            (south, north) = (south.min(*latitude), north.max(*latitude));
        }
        let shorten = f64::midpoint(south, north).to_radians().cos();
        let (across, down) = ((east - west) * shorten, north - south);
        if !(across > 0.0 && down > 0.0) {
            return None;
        }
        // A narrow land would otherwise be drawn taller than a screen.
        let scale = (width / across).min(1.2 * width / down);
        Some(Self { west, north, shorten, scale, height: (down * scale).ceil() })
    }

    /// The rings in units of the drawing; those too small to be seen are left out.
    pub(crate) fn outlines(&self, rings: &[Vec<(f64, f64)>]) -> Vec<Vec<Corner>> {
        let place = |(longitude, latitude): &(f64, f64)| {
            let x = (longitude - self.west) * self.shorten * self.scale;
            let y = (self.north - latitude) * self.scale;
            (x.round() as i32, y.round() as i32)
        };
        let outline = |ring: &Vec<(f64, f64)>| {
            let mut corners: Vec<Corner> =
                ring.iter().filter(|corner| is_known(corner)).map(place).collect();
            corners.dedup();
            corners
        };
        rings.iter().map(outline).filter(|corners| corners.len() > 2).collect()
    }
}

fn is_known(place: &(f64, f64)) -> bool {
    place.0.is_finite() && place.1.is_finite()
}

/// The outlines of all areas without the corners that nobody would miss: those nearer than
/// `tolerance` to the line between their neighbours (Douglas–Peucker). A corner that one area needs
/// is kept in all, so that neighbours still share their border.
pub(crate) fn thinned(areas: Vec<Vec<Vec<Corner>>>, tolerance: f64) -> Vec<Vec<Vec<Corner>>> {
    let mut kept = HashSet::new();
    for outline in areas.iter().flatten() {
        // A ring has no ends, so it is opened at its first corner and at the one farthest from it.
        let Some(first) = outline.first() else { continue };
        let far = |corner: &Corner| distance(*corner, *first, *first);
        let places =
            (0..outline.len()).max_by(|a, b| far(&outline[*a]).total_cmp(&far(&outline[*b])));
        let middle = places.unwrap_or_default();
        kept.extend([*first, outline[middle]]);
        let closed: Vec<Corner> = outline.iter().chain([first]).copied().collect();
        keep(&closed[..=middle], tolerance, &mut kept);
        keep(&closed[middle..], tolerance, &mut kept);
    }
    let needed = |outline: Vec<Corner>| -> Vec<Corner> {
        outline.into_iter().filter(|corner| kept.contains(corner)).collect()
    };
    let area = |outlines: Vec<Vec<Corner>>| outlines.into_iter().map(needed).collect();
    areas.into_iter().map(area).collect()
}

/// Keeps the corner farthest from the straight line between the ends, and so on to both sides.
fn keep(line: &[Corner], tolerance: f64, kept: &mut HashSet<Corner>) {
    let mut lines = vec![line];
    while let Some(line) = lines.pop() {
        let [first, inner @ .., last] = line else { continue };
        let far = |corner: &Corner| distance(*corner, *first, *last);
        let places = (0..inner.len()).max_by(|a, b| far(&inner[*a]).total_cmp(&far(&inner[*b])));
        let Some(place) = places.filter(|place| far(&inner[*place]) >= tolerance) else { continue };
        kept.insert(inner[place]);
        lines.extend([&line[..=place + 1], &line[place + 1..]]);
    }
}

/// How far a corner is from the line between two others.
fn distance(corner: Corner, from: Corner, to: Corner) -> f64 {
    let vector = |a: Corner, b: Corner| (f64::from(b.0 - a.0), f64::from(b.1 - a.1));
    let (line, own) = (vector(from, to), vector(from, corner));
    let length = line.0.hypot(line.1);
    if length == 0.0 {
        return own.0.hypot(own.1);
    }
    ((line.0 * own.1 - line.1 * own.0) / length).abs()
}

/// The `d` of an SVG path, in relative steps of whole numbers.
pub(crate) fn path(outlines: &[Vec<Corner>]) -> String {
    let mut path = String::new();
    for outline in outlines {
        let Some((mut x, mut y)) = outline.first().copied() else { continue };
        path.push_str(&format!("M{x} {y}l"));
        for (at, corner) in outline.iter().enumerate().skip(1) {
            let (dx, dy) = (corner.0 - x, corner.1 - y);
            // A minus sign parts two numbers by itself.
            let before = if at == 1 || dx < 0 { "" } else { " " };
            let between = if dy < 0 { "" } else { " " };
            path.push_str(&format!("{before}{dx}{between}{dy}"));
            (x, y) = *corner;
        }
        path.push('z');
    }
    path
}

/// Where a name fits inside an area, as near to half its height as it can; none where it does not.
pub(crate) fn label_place(outlines: &[Vec<Corner>], name: &str) -> Option<Corner> {
    let width = name.chars().count() as f64 * LETTER;
    let heights = outlines.iter().flatten().map(|corner| f64::from(corner.1));
    let (top, bottom) = heights.map(|y| (y, y)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    let middle = f64::midpoint(top, bottom);
    let mut lines: Vec<f64> =
        (1..20).map(|line| top + (bottom - top) * f64::from(line) / 20.0).collect();
    lines.sort_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()));
    lines.into_iter().find_map(|y| {
        let (left, right) = room(outlines, y)?;
        // Letters stand on their baseline, a little below the middle of the line.
        let place = (f64::midpoint(left, right).round(), (y + 0.6 * HALF_LINE).round());
        (width <= right - left).then_some((place.0 as i32, place.1 as i32))
    })
}

/// The widest stretch that is inside the area all along a line of text around `y`.
fn room(outlines: &[Vec<Corner>], y: f64) -> Option<(f64, f64)> {
    let [above, middle, below] = [y - HALF_LINE, y, y + HALF_LINE].map(|y| inside(outlines, y));
    let mut rooms = Vec::new();
    for a in &above {
        for b in &middle {
            for c in &below {
                rooms.push((a.0.max(b.0).max(c.0), a.1.min(b.1).min(c.1)));
            }
        }
    }
    rooms.into_iter().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))
}

/// The stretches of a horizontal line that lie inside (even-odd rule).
fn inside(outlines: &[Vec<Corner>], y: f64) -> Vec<(f64, f64)> {
    let mut crossings: Vec<f64> = outlines
        .iter()
        .flat_map(|outline| outline.iter().zip(outline.iter().cycle().skip(1)))
        .map(|(from, to)| {
            let number = |corner: &Corner| (f64::from(corner.0), f64::from(corner.1));
            (number(from), number(to))
        })
        .filter(|(from, to)| (from.1 <= y) != (to.1 <= y))
        .map(|(from, to)| from.0 + (y - from.1) / (to.1 - from.1) * (to.0 - from.0))
        .collect();
    crossings.sort_by(f64::total_cmp);
    crossings.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_still_share_their_border_when_corners_are_left_out() {
        // Two squares beside each other; the border between them bends once and trembles often.
        let border = [(10, 0), (10, 2), (11, 3), (10, 4), (14, 10), (10, 16), (10, 20)];
        let left: Vec<Corner> =
            [(0, 20), (0, 0)].into_iter().chain(border).chain([(5, 20)]).collect();
        let right: Vec<Corner> =
            [(20, 0), (20, 20)].into_iter().chain(border.into_iter().rev()).collect();
        let thin = thinned(vec![vec![left], vec![right]], 1.5);
        let on_border = |at: usize| {
            let mut corners: Vec<Corner> =
                thin[at][0].iter().filter(|corner| border.contains(corner)).copied().collect();
            corners.sort_unstable();
            corners
        };
        assert_eq!(on_border(0), on_border(1));
        assert!(on_border(0).contains(&(14, 10)), "the bend is kept: {thin:?}");
        assert!(!on_border(0).contains(&(11, 3)), "what trembles is not: {thin:?}");
        assert!(!thin[0][0].contains(&(5, 20)), "nor what lies on the line: {thin:?}");
    }

    #[test]
    fn a_name_stands_inside_its_area_or_nowhere() {
        let square = vec![(0, 0), (200, 0), (200, 100), (0, 100)];
        let hole = vec![(20, 20), (180, 20), (180, 95), (20, 95)];
        // An L: the foot is wide, the stem is not.
        let boot = vec![(0, 0), (40, 0), (40, 60), (300, 60), (300, 120), (0, 120)];
        for (outlines, name, expected) in [
            (vec![square.clone()], "Vị Thủy", Some(100)),
            (vec![square.clone(), hole], "Vị Thủy", None),
            (vec![boot], "Vĩnh Thuận Đông", Some(150)),
            (vec![square], "Một cái tên quá dài cho ô này", None),
            (vec![], "Vị Thủy", None),
        ] {
            let place = label_place(&outlines, name);
            assert_eq!(place.map(|(x, _)| x), expected, "{name}");
            assert!(place.is_none_or(|(_, y)| y > 60 || outlines[0].len() == 4), "{place:?}");
        }
    }
}
