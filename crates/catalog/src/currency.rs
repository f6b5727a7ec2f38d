//! How many decimal places a currency has.

/// The decimal places of a currency's minor unit, by ISO 4217's list of codes; 2 for a code that is not in it.
///
/// Browsers disagree: CLDR, whose data many of them ship, says how prices are usually written (a Hungarian price without
/// fillér), not what the minor unit is. Amounts are kept in minor units, so only ISO 4217 may say where the point goes.
#[must_use]
pub fn minor_digits(code: &str) -> u8 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_unit_is_iso_4217_s_and_not_what_prices_usually_show() {
        let digits = |codes: &[&str]| codes.iter().map(|code| minor_digits(code)).collect::<Vec<_>>();
        assert_eq!(digits(&["KRW", "JPY", "VND", "CLP", "ISK"]), [0; 5]);
        assert_eq!(digits(&["HUF", "IDR", "COP", "PKR", "USD", "EUR", "AFN", "MMK", "LBP", "MGA"]), [2; 10]);
        assert_eq!(digits(&["KWD", "IQD", "TND"]), [3; 3]);
        assert_eq!(digits(&["CLF"]), [4]);
    }
}
