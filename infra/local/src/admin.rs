//! The first admin's password on a developer's machine: the environment's, or one that is made once and kept in a file
//! beside the shop's data, so that it can be told at each start.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use bharatmart_core::ports::Random;
use data_encoding::BASE32_NOPAD;

const FILE: &str = "admin-password";

/// Of twenty letters and digits nobody can guess.
pub fn password(data_dir: &Path, random: &dyn Random) -> Result<String, String> {
    let path = data_dir.join(FILE);
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(data_dir).map_err(told)?;
    let mut bytes = [0; 12];
    random.fill(&mut bytes);
    let made = BASE32_NOPAD.encode(&bytes).to_lowercase();
    match new(&path) {
        Ok(mut file) => file.write_all(made.as_bytes()).map(|()| made).map_err(told),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let mut kept = String::new();
            File::open(&path).and_then(|mut file| file.read_to_string(&mut kept)).map_err(told)?;
            Ok(kept.trim().to_owned())
        }
        Err(error) => Err(told(error)),
    }
}

/// For its owner's eyes alone.
fn new(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use bharatmart_adapters::system::System;

    use super::*;

    #[test]
    fn the_password_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let made = password(folder.path(), &System).unwrap();
        assert!(made.len() >= 19, "{made}");
        assert_eq!(password(folder.path(), &System).unwrap(), made);
    }
}
