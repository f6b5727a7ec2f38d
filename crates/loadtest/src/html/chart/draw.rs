//! The drawing itself, with plotters.

use std::ops::Range;

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, EmptyElement, PathElement, Text};
use plotters::series::{AreaSeries, LineSeries};
use plotters::style::IntoFont as _;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle, TextStyle};

use super::axis::{Axis, Extent};
use super::{Chart, Format, GRID, Ink, Line, TEXT};

const FONT: &str = "sans-serif";
const FONT_SIZE: u32 = 12;
/// Room for the labels of the axes.
const LEFT: u32 = 52;
const BOTTOM: u32 = 24;

type Canvas<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Extent, Extent>>;
impl Ranged for Extent {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // The hint knows nothing of the scale, so it decides nothing; the bold ticks are all that there are.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

impl Format {
    fn size(self) -> (u32, u32) {
        match self {
            Self::Half => (480, 210),
            Self::Wide => (1_000, 300),
        }
    }

    /// About how many ticks an axis has room for.
    fn ticks(self) -> (usize, usize) {
        match self {
            Self::Half => (6, 4),
            Self::Wide => (12, 5),
        }
    }
}

pub(super) fn svg(chart: &Chart, format: Format) -> String {
    let mut text = String::new();
    let (width, height) = format.size();
    // A string takes all that is drawn; what is left is a mistake in the chart, and it must not go unseen.
    draw(chart, format, &mut text).unwrap_or_else(|error| panic!("drawing {}: {error}", chart.title));
    // The page decides the size. The rest of the opening tag is the library's.
    let sized = format!("width=\"{width}\" height=\"{height}\" ");
    text.replacen(&sized, &format!("role=\"img\" aria-label=\"{}\" ", escaped(&chart.title)), 1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn draw(chart: &Chart, format: Format, text: &mut String) -> Drawn {
    let area = SVGBackend::with_string(text, format.size()).into_drawing_area();
    let (x, y) = extents(chart, format);
    let mut canvas: Canvas<'_, '_> = ChartBuilder::on(&area)
        .margin_top(8)
        .margin_right(24)
        .x_label_area_size(BOTTOM)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(x.clone(), y.clone())?;
    mesh(chart, &mut canvas)?;
    for limit in &chart.limits {
        let place = chart.y.place(limit.at);
        rule(&mut canvas, [(x.low, place), (x.high, place)], Ink::Alarm)?;
        note(&mut canvas, (x.low, place), &limit.label, VPos::Bottom)?;
    }
    for moment in &chart.moments {
        let place = chart.x.place(moment.at);
        rule(&mut canvas, [(place, y.low), (place, y.high)], moment.ink)?;
        note(&mut canvas, (place, y.high), &moment.label, VPos::Top)?;
    }
    for line in &chart.lines {
        self::line(chart, line, &y, &mut canvas)?;
    }
    area.present()
}

/// What both axes show: every point and every limit.
fn extents(chart: &Chart, format: Format) -> (Extent, Extent) {
    let (x_ticks, y_ticks) = format.ticks();
    let points = || chart.lines.iter().flat_map(|line| line.points.iter().filter(|(_, value)| value.is_some()));
    let x = points().map(|(at, _)| *at).chain(chart.moments.iter().map(|moment| moment.at));
    let y = points().filter_map(|(_, value)| *value).chain(chart.limits.iter().map(|limit| limit.at));
    (chart.x.extent(x, x_ticks), chart.y.extent(y, y_ticks))
}

fn mesh(chart: &Chart, canvas: &mut Canvas<'_, '_>) -> Drawn {
    let label = |axis: &Axis| {
        let (axis, write) = (axis.clone(), axis.label);
        move |place: &f64| write(axis.value(*place))
    };
    let (x, y) = (label(&chart.x), label(&chart.y));
    canvas
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(color(GRID).mix(0.0))
        .bold_line_style(color(GRID))
        .axis_style(color(GRID))
        .label_style(font(TEXT))
        .x_label_formatter(&x)
        .y_label_formatter(&y)
        .draw()
}

fn line(chart: &Chart, line: &Line, y: &Extent, canvas: &mut Canvas<'_, '_>) -> Drawn {
    let ink = color(line.ink.rgb());
    let style = ShapeStyle { color: ink.to_rgba(), filled: false, stroke_width: 2 };
    for run in line.points.split(|(_, value)| value.is_none()) {
        let places: Vec<(f64, f64)> =
            run.iter().filter_map(|(at, value)| Some((chart.x.place(*at), chart.y.place((*value)?)))).collect();
        if line.is_area {
            canvas.draw_series(AreaSeries::new(places.iter().copied(), y.low, ink.mix(0.12)))?;
        }
        if line.has_dots || places.len() == 1 {
            canvas.draw_series(places.iter().map(|place| Circle::new(*place, 3, ink.filled())))?;
        }
        canvas.draw_series(LineSeries::new(places, style))?;
    }
    Ok(())
}

fn rule(canvas: &mut Canvas<'_, '_>, ends: [(f64, f64); 2], ink: Ink) -> Drawn {
    let style = ShapeStyle { color: color(ink.rgb()).to_rgba(), filled: false, stroke_width: 1 };
    canvas.draw_series([PathElement::new(ends.to_vec(), style)])?;
    Ok(())
}

/// Beside the point, to its right, so that the text does not stand on a line.
fn note(canvas: &mut Canvas<'_, '_>, at: (f64, f64), text: &str, side: VPos) -> Drawn {
    let style = font(TEXT).pos(Pos::new(HPos::Left, side));
    canvas.draw_series([EmptyElement::at(at) + Text::new(text.to_owned(), (4, 0), style)])?;
    Ok(())
}

fn font(rgb: u32) -> TextStyle<'static> {
    let style = TextStyle::from((FONT, FONT_SIZE).into_font());
    TextStyle { color: color(rgb).to_backend_color(), ..style }
}

fn color(rgb: u32) -> RGBColor {
    let [_, red, green, blue] = rgb.to_be_bytes();
    RGBColor(red, green, blue)
}
