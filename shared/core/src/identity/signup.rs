//! What somebody sends to have an account, and how it becomes what the shop can trust. Whom the e-mail address logs in
//! to is decided elsewhere.

use schemars::JsonSchema;
use serde::Deserialize;

use super::password::NewPassword;
use super::words::{DeviceName, Email, PersonName, Phone};
use crate::check::{Check, FieldError};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpInput {
    #[schemars(length(max = 254))]
    pub email: String,
    #[schemars(length(min = 8, max = 128))]
    pub password: String,
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// `+91`, a digit from 6 to 9, and nine more.
    pub phone: Option<String>,
    /// What to call this device in the list of sessions.
    #[schemars(length(min = 1, max = 100))]
    pub device_name: Option<String>,
}

#[derive(Clone, Debug)]
pub struct SignUp {
    pub email: Email,
    pub password: NewPassword,
    pub name: PersonName,
    pub phone: Option<Phone>,
    pub device_name: Option<DeviceName>,
}

impl SignUp {
    /// Everything that is wrong, named at once.
    pub fn parse(input: SignUpInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let email = check.field("email", Email::parse(&input.email));
        let about = [input.email.trim(), input.name.trim()];
        let password = check.field("password", NewPassword::parse(&input.password, &about));
        let name = check.field("name", PersonName::parse(&input.name));
        let phone = input.phone.and_then(|phone| check.field("phone", Phone::parse(&phone)));
        let device_name = input.device_name.and_then(|name| check.field("device_name", DeviceName::parse(&name)));
        match (email, password, name) {
            (Some(email), Some(password), Some(name)) if check.is_clean() => {
                Ok(SignUp { email, password, name, phone, device_name })
            }
            _ => Err(check.into_errors()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<SignUp, Vec<&'static str>> {
        let input = serde_json::from_value(json).map_err(|_| vec!["not read"])?;
        SignUp::parse(input).map_err(|errors| errors.iter().map(|error| error.code).collect())
    }

    #[test]
    fn a_sign_up_names_all_that_is_wrong_with_it() {
        let wrong = read(serde_json::json!({ "email": "asha", "password": "short", "name": "", "phone": "123" }));
        assert_eq!(wrong.unwrap_err(), ["invalid_email", "invalid_length", "invalid_length", "invalid_phone"]);
    }

    #[test]
    fn nobody_signs_up_as_an_admin() {
        let good = serde_json::json!({ "email": "a@b.in", "password": "monsoon in Madurai", "name": "Asha" });
        assert!(read(good.clone()).is_ok());
        for extra in ["role", "email_verified", "status", "id"] {
            let mut more = good.clone();
            more[extra] = "admin".into();
            assert_eq!(read(more).unwrap_err(), ["not read"], "{extra}");
        }
    }

    #[test]
    fn the_password_is_not_the_name_or_the_address() {
        let input = |password: &str| {
            read(
                serde_json::json!({ "email": "asha.raojadhav@example.in", "password": password, "name": "Asha Raojadhav" }),
            )
        };
        assert_eq!(input("ashaRaojadhav").unwrap_err(), ["guessable_password"]);
        assert_eq!(input("asha.raojadhav").unwrap_err(), ["guessable_password"]);
    }
}
