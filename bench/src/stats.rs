//! Figures of several runs, as one cell of a table.

use std::fmt;

/// The same figure of several runs.
#[derive(Debug, Clone, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// The middle one, or 0 of none.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The value below which this share of the figures lies; between two of them, the line between both.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else {
            return 0.0;
        };
        let place = share * last as f64;
        let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
        below + (above - below) * place.fract()
    }
}

impl FromIterator<f64> for Series {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Series {
        Series(figures.into_iter().collect())
    }
}

/// Median, and in brackets the tenth and the ninetieth percentile; two decimals, unless told otherwise.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("–");
        }
        let decimals = f.precision().unwrap_or(2);
        let (low, high) = (self.quantile(0.1), self.quantile(0.9));
        write!(f, "{:.decimals$} ({low:.decimals$}–{high:.decimals$})", self.median())
    }
}

#[cfg(test)]
mod tests {
    use super::Series;

    #[test]
    fn median_and_spread_of_any_number_of_figures() {
        let of = |figures: &[f64]| figures.iter().copied().collect::<Series>().to_string();
        assert_eq!(of(&[]), "–");
        assert_eq!(of(&[3.0]), "3.00 (3.00–3.00)");
        assert_eq!(of(&[2.0, 1.0]), "1.50 (1.10–1.90)");
        let hundred: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(of(&hundred), "50.00 (10.00–90.00)");
        assert_eq!(format!("{:.0}", hundred.into_iter().collect::<Series>()), "50 (10–90)");
    }
}
