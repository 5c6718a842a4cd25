//! What a customer sends of an address, and how it becomes one a courier can find.

use schemars::JsonSchema;
use serde::Deserialize;

use super::words::{PersonName, Phone};
use crate::check::{Check, FieldError, Invalid};
use crate::place::{PinCode, State};
use crate::text::bounded;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressInput {
    /// `home`, `work`, what its owner calls it.
    #[schemars(length(min = 1, max = 40))]
    pub label: String,
    #[schemars(length(min = 1, max = 100))]
    pub full_name: String,
    /// `+91`, a digit from 6 to 9, and nine more.
    pub phone: String,
    #[schemars(length(min = 1, max = 200))]
    pub line1: String,
    #[schemars(length(max = 200))]
    pub line2: Option<String>,
    #[schemars(length(max = 200))]
    pub landmark: Option<String>,
    #[schemars(length(min = 1, max = 100))]
    pub city: String,
    /// In India the name of a state or union territory.
    #[schemars(length(min = 1, max = 100))]
    pub state: String,
    /// In India 6 digits.
    pub pincode: String,
    /// ISO 3166, two letters; IN when absent.
    #[schemars(length(min = 2, max = 2))]
    pub country: Option<String>,
    /// Degrees; with longitude.
    #[schemars(range(min = -90, max = 90))]
    pub latitude: Option<f64>,
    #[schemars(range(min = -180, max = 180))]
    pub longitude: Option<f64>,
    /// Makes it the default. One stops being the default when another becomes it.
    #[serde(default)]
    pub is_default: bool,
}

/// An address in which every value is what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub label: String,
    pub full_name: String,
    pub phone: String,
    pub line1: String,
    pub line2: Option<String>,
    pub landmark: Option<String>,
    pub city: String,
    pub state: String,
    pub pincode: String,
    pub country: String,
    /// Latitude and longitude, in millionths of a degree.
    pub at: Option<(i64, i64)>,
    pub is_default: bool,
}

const INDIA: &str = "IN";

impl Place {
    /// Everything that is wrong, named at once.
    pub fn parse(input: AddressInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let label = check.field("label", line(&input.label, 1, 40));
        let full_name = check.field("full_name", PersonName::parse(&input.full_name));
        let phone = check.field("phone", Phone::parse(&input.phone));
        let line1 = check.field("line1", line(&input.line1, 1, 200));
        let line2 = optional(&mut check, "line2", input.line2);
        let landmark = optional(&mut check, "landmark", input.landmark);
        let city = check.field("city", line(&input.city, 1, 100));
        let country = check.field("country", country(input.country.as_deref().unwrap_or(INDIA)));
        let abroad = country.as_deref().is_some_and(|country| country != INDIA);
        let state = check.field("state", state(&input.state, abroad));
        let pincode = check.field("pincode", pincode(&input.pincode, abroad));
        let at = coordinates(&mut check, input.latitude, input.longitude);
        match (label, full_name, phone, line1, city, country, state, pincode) {
            (
                Some(label),
                Some(name),
                Some(phone),
                Some(line1),
                Some(city),
                Some(country),
                Some(state),
                Some(pincode),
            ) if check.is_clean() => {
                let (full_name, phone) = (name.into(), phone.into());
                let is_default = input.is_default;
                Ok(Place {
                    label,
                    full_name,
                    phone,
                    line1,
                    line2,
                    landmark,
                    city,
                    state,
                    pincode,
                    country,
                    at,
                    is_default,
                })
            }
            _ => Err(check.into_errors()),
        }
    }
}

/// One line: it is printed on a label.
fn line(text: &str, least: usize, most: usize) -> Result<String, Invalid> {
    let text = bounded(text, least, most)?;
    if text.contains('\n') {
        return Err(Invalid::new("invalid_characters", "must be one line"));
    }
    Ok(text)
}

/// An empty one is as good as none.
fn optional(check: &mut Check, field: &str, text: Option<String>) -> Option<String> {
    check.field(field, line(&text?, 0, 200)).filter(|text| !text.is_empty())
}

fn country(text: &str) -> Result<String, Invalid> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(text.to_ascii_uppercase());
    }
    Err(Invalid::new("invalid_country", "must be a country's two letters, like IN"))
}

fn state(text: &str, abroad: bool) -> Result<String, Invalid> {
    if abroad { line(text, 1, 100) } else { State::parse(text).map(|state| state.name().to_owned()) }
}

fn pincode(text: &str, abroad: bool) -> Result<String, Invalid> {
    if abroad { line(text, 1, 16) } else { PinCode::parse(text).map(String::from) }
}

fn coordinates(check: &mut Check, latitude: Option<f64>, longitude: Option<f64>) -> Option<(i64, i64)> {
    if latitude.is_some() != longitude.is_some() {
        let missing = if latitude.is_some() { "longitude" } else { "latitude" };
        check.add(missing, Invalid::new("missing_field", "must be given with the other coordinate"));
    }
    let latitude = latitude.and_then(|degrees| check.field("latitude", millionths(degrees, 90)));
    let longitude = longitude.and_then(|degrees| check.field("longitude", millionths(degrees, 180)));
    latitude.zip(longitude)
}

fn millionths(degrees: f64, most: i32) -> Result<i64, Invalid> {
    if degrees.abs() <= f64::from(most) {
        return Ok((degrees * 1e6).round() as i64);
    }
    Err(Invalid::new("out_of_range", format!("must be -{most} to {most}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "label": "home", "full_name": "Asha Rao", "phone": "+91 98765 43210", "line1": "14, 3rd Cross",
            "city": "Bengaluru", "state": "karnataka", "pincode": "560 001",
        })
    }

    fn read(changed: Value) -> Result<Place, Vec<(String, &'static str)>> {
        let mut json = good();
        json.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let errors = |errors: Vec<FieldError>| errors.into_iter().map(|error| (error.field, error.code)).collect();
        Place::parse(serde_json::from_value(json).unwrap()).map_err(errors)
    }

    fn wrong(changed: Value) -> Vec<(String, &'static str)> {
        read(changed).unwrap_err()
    }

    #[test]
    fn an_address_is_kept_as_the_shop_writes_it() {
        let place = read(json!({ "line2": "  ", "latitude": 12.9715987, "longitude": -77.5945627 })).unwrap();
        assert_eq!(
            (place.state.as_str(), place.pincode.as_str(), place.country.as_str()),
            ("Karnataka", "560001", "IN")
        );
        assert_eq!((place.phone.as_str(), place.line2), ("+919876543210", None));
        assert_eq!(place.at, Some((12_971_599, -77_594_563)));
    }

    #[test]
    fn coordinates_read_back_to_the_millionth() {
        for i in (-180_000_000..=180_000_000_i64).step_by(1_237) {
            assert_eq!(millionths(i as f64 / 1e6, 180).unwrap(), i);
        }
    }

    #[test]
    fn all_that_is_wrong_is_named() {
        let nothing = json!({
            "label": "", "full_name": "<b>", "phone": "1", "line1": " ", "city": "a\nb", "state": "Bavaria",
            "pincode": "012345", "country": "India", "latitude": 91.0, "longitude": 181.0,
        });
        let fields: Vec<_> = wrong(nothing).into_iter().map(|(field, _)| field).collect();
        let all =
            ["label", "full_name", "phone", "line1", "city", "country", "state", "pincode", "latitude", "longitude"];
        assert_eq!(fields, all);
    }

    #[test]
    fn coordinates_come_in_pairs() {
        assert_eq!(wrong(json!({ "latitude": 12.9 })), [("longitude".to_owned(), "missing_field")]);
        assert_eq!(wrong(json!({ "longitude": 77.5 })), [("latitude".to_owned(), "missing_field")]);
    }

    #[test]
    fn abroad_states_and_codes_are_what_they_are_there() {
        let place = read(json!({ "country": "np", "state": "Bagmati", "pincode": "44600" })).unwrap();
        assert_eq!((place.country.as_str(), place.state.as_str(), place.pincode.as_str()), ("NP", "Bagmati", "44600"));
        assert_eq!(wrong(json!({ "state": "Bagmati", "country": "IN" })), [("state".to_owned(), "unknown_state")]);
    }
}
