//! Which currencies there are, and how many decimal places they have.

/// ISO 4217's list of codes that are in use (2026), but for those without a minor unit: metals, units of account between
/// banks, `XTS` for tests and `XXX` for no currency. Nothing has a price in those.
const CODES: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD \
    CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL \
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW \
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD \
    NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP \
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS \
    VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Whether an amount can be of this currency: a code in use of ISO 4217, in capital letters.
#[must_use]
pub fn is_currency(code: &str) -> bool {
    code.len() == 3 && CODES.split(' ').any(|known| known == code)
}

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
    fn what_is_no_money_is_no_currency() {
        for code in ["KRW", "EUR", "AED", "ZWG", "CLF"] {
            assert!(is_currency(code), "{code}");
        }
        for code in ["XXX", "XTS", "XAU", "XDR", "BTC", "ABC", "krw", "KR", "", "RW ", "KRW "] {
            assert!(!is_currency(code), "{code:?}");
        }
    }

    #[test]
    fn the_minor_unit_is_iso_4217_s_and_not_what_prices_usually_show() {
        let digits = |codes: &[&str]| codes.iter().map(|code| minor_digits(code)).collect::<Vec<_>>();
        assert_eq!(digits(&["KRW", "JPY", "VND", "CLP", "ISK"]), [0; 5]);
        assert_eq!(digits(&["HUF", "IDR", "COP", "PKR", "USD", "EUR", "AFN", "MMK", "LBP", "MGA"]), [2; 10]);
        assert_eq!(digits(&["KWD", "IQD", "TND"]), [3; 3]);
        assert_eq!(digits(&["CLF"]), [4]);
    }
}
