//! What lies in the data directory, who can read it, and what is missing from it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use onsale_testkit::{Call, Port, Shop};

use crate::setup;

/// Everything below a directory, and the directory.
fn below(path: &Path) -> Vec<PathBuf> {
    let inside = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok).flat_map(|entry| below(&entry.path()));
    std::iter::once(path.to_owned()).chain(inside).collect()
}

#[tokio::test]
async fn the_store_is_its_owner_s_alone_whatever_the_umask() {
    // No umask at all, and `exec`, so that the shell becomes the server.
    let open = ["sh", "-c", "umask 0; exec \"$0\" \"$@\""];
    let mut shop = Shop::open(setup().in_directory().under(&open)).await;
    shop.insider_with(1, 5_000).await;
    let is_private = |path: &PathBuf| {
        let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode());
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    };
    let data = shop.server.data().to_owned();
    let found = below(&data);
    for name in ["journal.db", "journal.db-wal", "journal.db-shm", "onsale.db", "onsale.db-wal", "keys.toml"] {
        assert!(found.contains(&data.join(name)), "{name} is not among {found:?}");
    }
    found.iter().for_each(is_private);
    shop.server.terminate();
    let export = data.join("ledger.csv");
    let mut command = Command::new("sh");
    command.args(["-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_onsale"), "export", "--table", "ledger"]);
    command.args(["--format", "csv", "--data"]).arg(&data).arg("--output").arg(&export);
    assert!(command.status().expect("it runs").success());
    is_private(&export);
    // What everybody could have written is not sold.
    fs::set_permissions(data.join("onsale.db"), fs::Permissions::from_mode(0o666)).expect("it is ours");
    let (_, output) = setup().in_directory().data(&data).refused();
    assert!(output.contains("onsale.db can be written by everybody"), "{output}");
}

/// Whoever owns the file can read it and change it: the keys are not the store's alone.
#[tokio::test]
async fn keys_of_another_user_are_refused() {
    let mut shop = Shop::open(setup().in_directory()).await;
    shop.server.terminate();
    let keys = shop.server.data().join("keys.toml");
    let again = setup().in_directory().data(shop.server.data());
    let (status, output) = if fs::metadata(&keys).expect("it is there").uid() == 0 {
        chown(&keys, Some(4_711), None).expect("root gives files away");
        again.refused()
    } else {
        // Others own all that they make. Where root is nobody to them, root's files are another user's.
        fs::remove_file(&keys).expect("it is there");
        symlink("/etc/passwd", &keys).expect("it can be made");
        again.under(&["unshare", "--user", "--map-user=4711"]).refused()
    };
    assert!(!status.success() && output.contains("keys.toml: it belongs to user"), "{output}");
    assert!(output.contains("chown"), "{output}");
}

#[tokio::test]
async fn a_snapshot_that_is_mounted_read_only_is_called_so() {
    let mut shop = Shop::open(setup().in_directory()).await;
    shop.server.terminate();
    let data = shop.server.data().to_owned();
    // An own user namespace lets anybody mount; where those are switched off, root does not need one.
    let has_user_namespaces =
        Command::new("unshare").args(["-Urm", "true"]).status().is_ok_and(|status| status.success());
    let namespaces = if has_user_namespaces { "-Urm" } else { "-m" };
    for arguments in ["audit", "export --table payments --format csv"] {
        // A mount that ends with the command.
        let mounted = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && exec $0 $2 --data \"$1\"";
        let mut command = Command::new("unshare");
        command.args([namespaces, "sh", "-c", mounted, env!("CARGO_BIN_EXE_onsale")]).arg(&data).arg(arguments);
        let output = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("takes no writes: copy it"), "{said}");
    }
}

#[tokio::test]
async fn a_certificate_s_key_that_others_can_read_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    for (mode, told) in [(0o644, true), (0o640, false), (0o600, false)] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let server = setup().set("tls.cert", cert.display()).set("tls.key", key.display()).start();
        let output = server.output();
        assert_eq!(output.contains("key.pem is open to others (mode 644)"), told, "{mode:o}: {output}");
    }
}

#[tokio::test]
async fn keys_that_are_gone_are_not_made_anew_without_a_word() {
    let mut shop = Shop::open(setup().in_directory()).await;
    let buyer = shop.insider(1).await;
    shop.server.terminate();
    let keys = shop.server.data().join("keys.toml");
    let kept = keys.with_extension("kept");
    fs::rename(&keys, &kept).expect("it is there");
    let (status, output) = setup().in_directory().data(shop.server.data()).refused();
    assert!(!status.success() && output.contains("--new-keys") && output.contains("keys.toml"), "{output}");
    assert!(!keys.exists(), "nothing was made");
    // With the file back all is as before.
    fs::rename(&kept, &keys).expect("it is there");
    shop.server.start_again(Port::Any);
    let client = shop.server.client();
    assert_eq!(client.call(Call::get("/v1/api/user/amount").token(buyer.token())).await.status, 200);
    shop.server.terminate();
    fs::rename(&keys, &kept).expect("it is there");
    shop.server.reconfigure(|setup| setup.flag("--new-keys"));
    shop.server.start_again(Port::Any);
    let client = shop.server.client();
    let call = Call::get("/v1/api/user/amount").token(buyer.token());
    client.call(call).await.refused(401, "TOKEN_INVALID");
}

/// Keys that signed what is out are not replaced because their file is gone.
#[tokio::test]
async fn keys_whose_file_is_deleted_under_the_server_are_not_rotated_away() {
    let shop = Shop::open(setup().in_directory()).await;
    let buyer = shop.insider(1).await;
    let keys = shop.server.data().join("keys.toml");
    fs::remove_file(&keys).expect("it is there");
    shop.admin.rotate_keys().await.refused(503, "UNAVAILABLE");
    assert!(!keys.exists());
    assert_eq!(buyer.status().await, "PROGRESS");
}

/// Another store's, or older ones that a backup brought back: whoever has a token or a ticket would be turned away.
#[tokio::test]
async fn keys_that_did_not_sign_what_is_out_do_not_serve_without_a_word() {
    let mut shop = Shop::open(setup().in_directory()).await;
    let keys = shop.server.data().join("keys.toml");
    let before = fs::read(&keys).expect("it is there");
    assert_eq!(shop.admin.rotate_keys().await.status, 200);
    let buyer = shop.insider(1).await;
    shop.server.terminate();
    let own = fs::read(&keys).expect("it is there");
    let again = |setup: onsale_testkit::Setup| setup.in_directory().data(shop.server.data()).refused();
    let other = setup().set("token.key", "another-token-key-0123456789abcdef");
    fs::write(&keys, before).expect("it can be written");
    for refused in [again(setup()), again(other)] {
        let (status, output) = refused;
        assert!(!status.success() && output.contains("not the keys of this store"), "{output}");
        assert!(output.contains("--new-keys"), "{output}");
    }
    fs::write(&keys, own).expect("it can be written");
    shop.come_back();
    assert_eq!(buyer.through(&shop.client).balance().await, 0);
}
