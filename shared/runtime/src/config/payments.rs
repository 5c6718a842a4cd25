//! Who takes money for the shop, and who may pay at the door.

use std::time::Duration;

use bharatmart_core::Paise;
use bharatmart_core::orders::CodRules;

use super::AppEnv;
use super::reader::Reader;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Takes no money from anybody.
    Mock {
        /// Attempts that are declined although nothing was scripted.
        failing_per_million: u32,
    },
    /// Orders are paid at the door.
    None,
}

/// How long one call of the provider is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderWaits {
    pub customer: Duration,
    pub worker: Duration,
}

pub(super) fn waits(read: &mut Reader) -> ProviderWaits {
    let mut wait = |variable, default| Duration::from_millis(read.number(variable, default, 100, 30_000));
    ProviderWaits { customer: wait("PAYMENT_WAIT_MS", 8_000), worker: wait("PAYMENT_WAIT_WORKERS_MS", 5_000) }
}

pub(super) fn read(read: &mut Reader, app_env: AppEnv) -> Provider {
    const PROVIDERS: &[(&str, bool)] = &[("mock", true), ("none", false)];
    let rate = failure_rate(read);
    match read.choice("PAYMENT_PROVIDER", PROVIDERS, app_env != AppEnv::Production) {
        true if app_env == AppEnv::Production => {
            read.wrong("PAYMENT_PROVIDER", "must not be mock in production: it takes nobody's money");
            Provider::None
        }
        true => Provider::Mock { failing_per_million: rate },
        false => Provider::None,
    }
}

/// A share from 0 to 1.
fn failure_rate(read: &mut Reader) -> u32 {
    const VARIABLE: &str = "PAYMENT_FAILURE_RATE";
    let text = read.text(VARIABLE, "0");
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => (share * 1_000_000.0).round() as u32,
        _ => {
            read.wrong(VARIABLE, &format!("is {text:?}, must be a share from 0 to 1, like 0.1"));
            0
        }
    }
}

pub(super) fn cod(read: &mut Reader) -> CodRules {
    let usual = CodRules::default();
    let most = read.number("COD_MAX", usual.most.get() as u64, 0, Paise::MAX.get() as u64);
    let except = read.text("COD_EXCEPT", "none");
    let except: Vec<String> = match except.trim() {
        "none" => Vec::new(),
        list => list.split(',').map(|prefix| prefix.trim().to_owned()).collect(),
    };
    if except.iter().any(|prefix| !(1..=6).contains(&prefix.len()) || !prefix.bytes().all(|b| b.is_ascii_digit())) {
        read.wrong("COD_EXCEPT", "must be PIN codes or what they begin with, with commas, or none");
    }
    let open = read.number("COD_OPEN_ORDERS", usual.open.into(), 1, 50) as u32;
    CodRules { most: Paise::parse(most as i64).unwrap_or(Paise::MAX), except, open }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(variables: &[(&str, &str)]) -> Reader {
        Reader::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn nobodys_money_is_taken_by_a_mock_in_production() {
        let mut here = reader(&[("PAYMENT_FAILURE_RATE", "0.1")]);
        let provider = super::read(&mut here, AppEnv::Development);
        assert_eq!(provider, Provider::Mock { failing_per_million: 100_000 });
        let mut silent = reader(&[]);
        assert_eq!(super::read(&mut silent, AppEnv::Production), Provider::None);
        assert!(silent.finish(()).is_ok());
        let mut asked = reader(&[("PAYMENT_PROVIDER", "mock")]);
        super::read(&mut asked, AppEnv::Production);
        assert!(asked.finish(()).unwrap_err().to_string().contains("PAYMENT_PROVIDER: must not be mock in production"));
    }

    #[test]
    fn every_wrong_setting_is_named() {
        for (variable, value) in
            [("PAYMENT_FAILURE_RATE", "2"), ("PAYMENT_PROVIDER", "stripe"), ("COD_MAX", "-1"), ("COD_EXCEPT", "Goa")]
        {
            let mut read = reader(&[(variable, value)]);
            super::read(&mut read, AppEnv::Test);
            cod(&mut read);
            let text = read.finish(()).unwrap_err().to_string();
            assert!(text.contains(&format!("{variable}: ")), "{text}");
        }
    }
}
