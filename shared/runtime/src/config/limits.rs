//! How many requests are too many: each limit a setting.

use super::AppEnv;
use super::reader::Reader;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub mode: LimitMode,
    /// Requests a second of one user.
    pub user_per_second: u32,
    /// Requests a minute of one address without a login.
    pub address_per_minute: u32,
    /// Log-ins and sign-ups a minute of one address.
    pub login_per_minute: u32,
    /// Requests an hour of one address that have a code or link sent.
    pub codes_per_hour: u32,
    /// Codes an hour to one phone.
    pub codes_per_phone: u32,
    /// Requests from this machine are not counted.
    pub exempt_loopback: bool,
    /// How many proxies stand before the gateway and name their caller in X-Forwarded-For.
    pub trusted_proxies: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitMode {
    On,
    /// The ordinary ones are kept elsewhere; those of logging in and of codes are kept here.
    Edge,
    Off,
}

impl LimitMode {
    pub const fn counts_ordinary(self) -> bool {
        matches!(self, LimitMode::On)
    }
}

pub(super) fn read(read: &mut Reader, app_env: AppEnv) -> Limits {
    const MODES: &[(&str, LimitMode)] = &[("on", LimitMode::On), ("edge", LimitMode::Edge), ("off", LimitMode::Off)];
    const MOST: u64 = 1_000_000;
    let mode = read.choice("LIMITS", MODES, LimitMode::On);
    if app_env == AppEnv::Production && mode == LimitMode::Off {
        read.wrong("LIMITS", "must be on, or edge where a gateway keeps the ordinary limits, in production");
    }
    Limits {
        mode,
        user_per_second: read.number("LIMIT_USER_PER_SECOND", 100, 1, MOST) as u32,
        address_per_minute: read.number("LIMIT_ADDRESS_PER_MINUTE", 1_000, 1, MOST) as u32,
        login_per_minute: read.number("LIMIT_LOGIN_PER_MINUTE", 60, 1, MOST) as u32,
        codes_per_hour: read.number("LIMIT_CODES_PER_HOUR", 60, 1, MOST) as u32,
        codes_per_phone: read.number("LIMIT_CODES_PER_PHONE", 5, 1, MOST) as u32,
        exempt_loopback: read.flag("LIMITS_EXEMPT_LOOPBACK", app_env == AppEnv::Development),
        trusted_proxies: read.number("TRUSTED_PROXIES", 0, 0, 10) as usize,
    }
}
