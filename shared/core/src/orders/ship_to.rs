//! Where an order goes, as it was when it was ordered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::delivery::{Destination, Reach};
use crate::identity::{Address, Place};
use crate::place::State;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShipTo {
    pub full_name: String,
    pub phone: String,
    pub line1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landmark: Option<String>,
    pub city: String,
    pub state: String,
    pub pincode: String,
}

impl From<Place> for ShipTo {
    fn from(place: Place) -> Self {
        let Place { full_name, phone, line1, line2, landmark, city, state, pincode, .. } = place;
        ShipTo { full_name, phone, line1, line2, landmark, city, state, pincode }
    }
}

impl From<Address> for ShipTo {
    fn from(address: Address) -> Self {
        let Address { full_name, phone, line1, line2, landmark, city, state, pincode, .. } = address;
        ShipTo { full_name, phone, line1, line2, landmark, city, state, pincode }
    }
}

impl ShipTo {
    /// `None`: it is not in India, or its code is of no post office. Where a district spans two states the address says
    /// which.
    pub fn destination(&self, reach: &Reach) -> Option<Destination> {
        let destination = Destination::parse(&self.pincode, reach).ok()?;
        let state = State::parse(&self.state).ok()?;
        Some(Destination { state: Some(state), ..destination })
    }
}
