//! Whether faults are injected, and which. A plan with mistakes stops no shop: it injects nothing, and says why.

use std::time::Duration;

use bharatmart_chaos::{BrokenPlan, Plan};

use super::AppEnv;
use super::reader::Reader;

#[derive(Clone, Debug)]
pub struct ChaosSettings {
    pub seed: u64,
    pub plan: Result<Plan, BrokenPlan>,
}

/// `None` when there are none to be.
pub(super) fn read(read: &mut Reader, app_env: AppEnv) -> Option<ChaosSettings> {
    let enabled = read.flag("CHAOS_ENABLED", false);
    let allowed = read.flag("CHAOS_ALLOW_PRODUCTION", false);
    if enabled && app_env == AppEnv::Production && !allowed {
        read.wrong("CHAOS_ENABLED", "must not be true in production, unless CHAOS_ALLOW_PRODUCTION is");
    }
    let seed = read.number("CHAOS_SEED", 1, 0, u64::MAX);
    let latency = Duration::from_millis(read.number("CHAOS_LATENCY_MS", 0, 0, 60_000));
    let failures = read.share("CHAOS_FAILURE_RATE", 0.0);
    let plan = read.optional("CHAOS_PLAN").map_or_else(|| Ok(Plan::default()), |text| Plan::read(&text));
    let plan = plan.map(|plan| plan.and_failures(failures).and_latency(latency));
    enabled.then_some(ChaosSettings { seed, plan })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)], app_env: AppEnv) -> Result<Option<ChaosSettings>, String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut reader = Reader::new(variables.collect());
        let settings = read(&mut reader, app_env);
        reader.finish(settings).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn faults_are_off_unless_they_are_asked_for() {
        let set = [("CHAOS_FAILURE_RATE", "0.5"), ("CHAOS_PLAN", "no plan")];
        assert!(settings(&set, AppEnv::Development).unwrap().is_none());
        assert!(settings(&[("CHAOS_ENABLED", "true")], AppEnv::Development).unwrap().unwrap().plan.unwrap().is_empty());
    }

    #[test]
    fn production_does_not_start_with_them_unless_a_second_setting_allows_it() {
        let text = settings(&[("CHAOS_ENABLED", "true")], AppEnv::Production).unwrap_err();
        assert!(text.contains("CHAOS_ENABLED: must not be true in production"), "{text}");
        let both = [("CHAOS_ENABLED", "true"), ("CHAOS_ALLOW_PRODUCTION", "true")];
        assert!(settings(&both, AppEnv::Production).unwrap().is_some());
        assert!(settings(&[("CHAOS_ENABLED", "true")], AppEnv::Staging).unwrap().is_some());
    }

    #[test]
    fn every_mistake_but_a_plans_is_a_wrong_setting() {
        let wrong = [
            ("CHAOS_ENABLED", "yes"),
            ("CHAOS_ALLOW_PRODUCTION", "perhaps"),
            ("CHAOS_SEED", "-1"),
            ("CHAOS_LATENCY_MS", "long"),
            ("CHAOS_FAILURE_RATE", "1.5"),
            ("CHAOS_PLAN", "no plan"),
        ];
        let text = settings(&wrong, AppEnv::Development).unwrap_err();
        assert!(text.starts_with("5 settings are wrong"), "{text}");
        for (variable, _) in &wrong[..5] {
            assert!(text.contains(variable), "{text}");
        }
        let broken = settings(&[("CHAOS_ENABLED", "true"), ("CHAOS_PLAN", "no plan")], AppEnv::Development);
        assert!(broken.unwrap().unwrap().plan.is_err());
    }

    #[test]
    fn rate_and_latency_are_faults_of_the_plan() {
        let plan = r#"{"faults":[{"fault":"busy","share":0.1,"until":"2100-01-01T00:00:00Z"}]}"#;
        let set = [
            ("CHAOS_ENABLED", "true"),
            ("CHAOS_SEED", "18446744073709551615"),
            ("CHAOS_FAILURE_RATE", "0.2"),
            ("CHAOS_LATENCY_MS", "250"),
            ("CHAOS_PLAN", plan),
        ];
        let settings = settings(&set, AppEnv::Test).unwrap().unwrap();
        assert_eq!((settings.seed, settings.plan.unwrap().len()), (u64::MAX, 4));
    }
}
