//! Line charts as SVG, drawn once, so that a report needs no script and prints as sharp as it is on the screen.
//!
//! Both axes are linear to the library: values are moved to the axis' own scale before they are drawn, and the ticks
//! are chosen here, so that a logarithm or a percentile scale has the ticks that a reader expects.

mod axis;
mod draw;

pub(super) use axis::{Axis, Scale};

/// The colour of a line, by its part in a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// One of [`SERIES`], for things of different kinds.
    Series(usize),
    /// One of [`RAMP`], for things of one kind in their order.
    Ramp(usize),
    /// What is less important: a maximum, a total.
    Muted,
    /// Failures, limits, a kill.
    Alarm,
    /// Where one thing ends and the next begins.
    Faint,
}

/// Colours that people with any colour vision tell apart, in the order in which they are to be used. The style sheet
/// has a counterpart of each for dark screens.
pub(super) const SERIES: [u32; 5] = [0x002a_78d6, 0x00d9_7706, 0x001b_af7a, 0x004a_3aa7, 0x00c2_3b8f];
/// From light to dark.
pub(super) const RAMP: [u32; 6] = [0x009e_c5f4, 0x006d_a7ec, 0x0039_87e5, 0x0025_6abf, 0x0018_4f95, 0x000d_366b];
pub(super) const MUTED: u32 = 0x0089_8781;
pub(super) const ALARM: u32 = 0x00d0_3b3b;
pub(super) const GRID: u32 = 0x00e1_e0d9;
pub(super) const TEXT: u32 = 0x0052_514e;

impl Ink {
    pub(super) fn rgb(self) -> u32 {
        match self {
            Self::Series(index) => SERIES[index % SERIES.len()],
            Self::Ramp(index) => RAMP[index.min(RAMP.len() - 1)],
            Self::Muted => MUTED,
            Self::Alarm => ALARM,
            Self::Faint => GRID,
        }
    }

    /// Colours for `count` things in their order, spread over the ramp.
    pub(super) fn ramp(index: usize, count: usize) -> Self {
        if count < 2 {
            return Self::Ramp(RAMP.len() / 2);
        }
        Self::Ramp(index * (RAMP.len() - 1) / (count - 1))
    }
}

/// One line; `None` is a gap in it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) ink: Ink,
    pub(super) points: Vec<(f64, Option<f64>)>,
    /// Filled down to the axis.
    pub(super) is_area: bool,
    /// With a dot at each point, where points are few and far between.
    pub(super) has_dots: bool,
}

impl Line {
    pub(super) fn new(name: impl Into<String>, ink: Ink, points: Vec<(f64, Option<f64>)>) -> Self {
        Self { name: name.into(), ink, points, is_area: false, has_dots: false }
    }

    /// Whether three points or more follow one another: of two a line would tell no more than the table beside it, and
    /// look as if it did.
    fn has_shape(&self) -> bool {
        const POINTS_MIN: usize = 3;
        self.points.split(|(_, value)| value.is_none()).any(|run| run.len() >= POINTS_MIN)
    }

    pub(super) fn area(self) -> Self {
        Self { is_area: true, ..self }
    }

    pub(super) fn dotted(self) -> Self {
        Self { has_dots: true, ..self }
    }
}

/// A moment, drawn as a vertical line, with what happened.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) at: f64,
    pub(super) label: String,
    pub(super) ink: Ink,
}

/// A value that lines are compared with, drawn as a horizontal line.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) at: f64,
    pub(super) label: String,
}

/// How large a chart is drawn, in the units of its own view box; the page scales it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Half a page on a screen, all of it on a phone.
    Half,
    /// The whole width of a page on a screen.
    Wide,
}

#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
    pub(super) moments: Vec<Moment>,
    pub(super) limits: Vec<Limit>,
}

impl Chart {
    pub(super) fn new(title: impl Into<String>, x: Axis, y: Axis, lines: Vec<Line>) -> Self {
        let lines = lines.into_iter().filter(Line::has_shape).collect();
        Self { title: title.into(), x, y, lines, moments: Vec::new(), limits: Vec::new() }
    }

    pub(super) fn with_moments(self, moments: Vec<Moment>) -> Self {
        Self { moments, ..self }
    }

    pub(super) fn with_limit(mut self, at: f64, label: impl Into<String>) -> Self {
        self.limits.push(Limit { at, label: label.into() });
        self
    }

    /// Whether there is anything to see.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The drawing, as an `svg` element.
    pub(super) fn svg(&self, format: Format) -> String {
        draw::svg(self, format)
    }
}
