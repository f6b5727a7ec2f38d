//! Axes: how a value becomes a place, and where the ticks are.

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::html) enum Scale {
    /// Evenly, from 0.
    Linear,
    /// By their logarithm: each ten times as far as the last.
    Log,
    /// Quantiles from 0 to 1, by how little is left: 90 %, 99 % and 99.9 % are as far from each other.
    Nines,
}

/// One axis: its scale, its title with the unit, and how its ticks are written.
#[derive(Clone, Debug)]
pub(in crate::html) struct Axis {
    pub(in crate::html) scale: Scale,
    pub(in crate::html) title: String,
    pub(in crate::html) label: fn(f64) -> String,
}

/// What an axis shows, in places of its scale.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Extent {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Places, rising.
    pub(super) ticks: Vec<f64>,
}

/// What a logarithm starts at: nothing that is measured here is shorter, in milliseconds.
const LOG_MIN: f64 = 0.001;
/// The least part of all that a percentile curve tells apart: one in a million.
const REST_MIN: f64 = 1e-6;

impl Axis {
    pub(in crate::html) fn new(scale: Scale, title: &str, label: fn(f64) -> String) -> Self {
        Self { scale, title: title.to_owned(), label }
    }

    /// The place of a value.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Log => value.max(LOG_MIN).log10(),
            Scale::Nines => -(1.0 - value).max(REST_MIN).log10(),
        }
    }

    /// The value at a place.
    pub(super) fn value(&self, place: f64) -> f64 {
        match self.scale {
            Scale::Linear => place,
            Scale::Log => 10_f64.powf(place),
            Scale::Nines => 1.0 - 10_f64.powf(-place),
        }
    }

    /// An extent that has room for all these values, with about `ticks` ticks where the scale leaves a choice.
    pub(super) fn extent(&self, values: impl Iterator<Item = f64>, ticks: usize) -> Extent {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .map(|value| self.place(value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), place| (low.min(place), high.max(place)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        match self.scale {
            Scale::Linear => linear(high, ticks),
            Scale::Log => logarithmic(low, high),
            Scale::Nines => nines(high),
        }
    }
}

fn linear(high: f64, ticks: usize) -> Extent {
    let high = if high > 0.0 { high } else { 1.0 };
    let rough = high / ticks.max(1) as f64;
    let decade = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * decade).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * decade);
    let count = (high / step).floor() as usize;
    let ticks: Vec<f64> = (0..=count).map(|tick| tick as f64 * step).collect();
    Extent { low: 0.0, high: high * 1.04, ticks }
}

fn logarithmic(low: f64, high: f64) -> Extent {
    let (first, last) = (low.floor(), high.ceil().max(low.floor() + 1.0));
    // Within two decades there is room for the 2 and the 5 as well.
    let within: &[f64] = if last - first <= 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let decades = (first as i32)..=(last as i32);
    let ticks = decades.flat_map(|decade| within.iter().map(move |part| f64::from(decade) + part.log10()));
    Extent { low: first, high: last, ticks: ticks.filter(|tick| *tick <= last + 1e-9).collect() }
}

fn nines(high: f64) -> Extent {
    let high = high.clamp(2.0, 5.0);
    let ticks = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].map(|quantile: f64| -(1.0 - quantile).log10());
    Extent { low: 0.0, high, ticks: ticks.into_iter().filter(|tick| *tick <= high + 1e-9).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(scale: Scale) -> Axis {
        Axis::new(scale, "", |value| value.to_string())
    }

    #[test]
    fn linear_ticks_are_round_and_start_at_zero() {
        let extent = axis(Scale::Linear).extent([3.0, 8_700.0].into_iter(), 4);
        assert_eq!(extent.ticks, [0.0, 2_500.0, 5_000.0, 7_500.0]);
        assert!(extent.high >= 8_700.0);
        assert_eq!(axis(Scale::Linear).extent([0.0].into_iter(), 2).ticks, [0.0, 0.5, 1.0]);
    }

    #[test]
    fn a_logarithm_shows_whole_decades() {
        let axis = axis(Scale::Log);
        let extent = axis.extent([0.4, 900.0].into_iter(), 4);
        let ticks: Vec<f64> = extent.ticks.iter().map(|tick| axis.value(*tick)).collect();
        assert!(
            ticks.iter().zip([0.1, 1.0, 10.0, 100.0, 1_000.0]).all(|(have, want)| (have / want - 1.0).abs() < 1e-9)
        );
        assert_eq!(extent.ticks.len(), 5);
        let close = axis.extent([2.0, 7.0].into_iter(), 4);
        assert_eq!(close.ticks.len(), 4);
    }

    #[test]
    fn percentiles_are_spread_by_what_is_left() {
        let axis = axis(Scale::Nines);
        let extent = axis.extent([0.5, 0.999].into_iter(), 4);
        assert_eq!(extent.ticks.len(), 5);
        assert!((axis.place(0.99) - axis.place(0.9) - 1.0).abs() < 1e-9);
        assert!((axis.value(axis.place(0.5)) - 0.5).abs() < 1e-9);
    }
}
