//! The Debian package: built of the program under test, installed by dpkg, and started as its unit does.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::Command;

use onsale_testkit::{Call, Client, Setup};
use tempfile::TempDir;

use crate::root::Root;
use crate::supervised::hear;
use crate::{run, top};

/// The exposure that `systemd-analyze security` may find in the unit, times ten: 100 is a service without any of it.
const EXPOSURE_MAX: &str = "15";

#[tokio::test]
async fn it_is_installed_started_and_removed_and_leaves_the_store() {
    let scratch = TempDir::new().expect("a scratch directory");
    let mut build = Command::new(top().join("scripts/package"));
    let built = run(build.arg(env!("CARGO_BIN_EXE_onsale")).arg(scratch.path()));
    let package = built.lines().last().expect("its path");
    let about = run(Command::new("dpkg-deb").args(["--info", package]));
    assert!(about.contains("Depends: libc6 (>= 2."), "{about}");
    let contents = run(Command::new("dpkg-deb").args(["--contents", package]));
    assert!(contents.lines().all(|line| line.contains(" root/root ")), "{contents}");

    let root = Root::mount();
    // The scratch directory need not be on the file system that the overlay shows.
    let inside = "/onsale.deb";
    copy_into(&root, package, inside);
    let said = root.sh(&format!("dpkg --install {inside}"));
    assert!(said.contains("installed and not started"), "{said}");
    root.sh("systemctl enable onsale 2>&1");
    let owners = root.sh("stat -c '%a %U %G' /etc/onsale /etc/onsale/onsale.toml /usr/bin/onsale");
    assert_eq!(owners, "750 root onsale\n640 root onsale\n755 root root\n");
    let unit = "/usr/lib/systemd/system/onsale.service";
    let wrong = root.sh(&format!("systemd-analyze verify {unit} 2>&1 | grep onsale || true"));
    assert_eq!(wrong, "", "systemd-analyze verify");
    // The socket's addresses are those of the settings.
    let socket = root.sh("systemd-analyze verify /usr/lib/systemd/system/onsale.socket 2>&1 | grep onsale || true");
    assert_eq!(socket, "", "systemd-analyze verify");
    let streams = "grep -c -F -e 'ListenStream=127.0.0.1:8080' -e 'ListenStream=127.0.0.1:8081' /usr/lib/systemd/system/onsale.socket";
    let settings = "grep -c -E '^listen = \"127.0.0.1:808[01]\"' /etc/onsale/onsale.toml";
    assert_eq!((root.sh(streams).trim(), root.sh(settings).trim()), ("2", "2"));
    root.sh(&format!("systemd-analyze security --offline=true --threshold={EXPOSURE_MAX} {unit}"));

    // What systemd does: the directory of its state, the user, the socket. The ports alone are not those of the settings.
    root.sh("install -d -o onsale -g onsale -m 0700 /var/lib/onsale");
    let name = format!("onsale-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let socket = UnixDatagram::bind_addr(&address).expect("a socket");
    let mut under = root.enter_as("onsale");
    under.extend(["env".to_owned(), format!("NOTIFY_SOCKET=@{name}"), "WATCHDOG_USEC=120000000".to_owned()]);
    let setup = Setup::new("/usr/bin/onsale").under(&under).in_directory().data("/var/lib/onsale");
    let setup = setup.flag("--config").flag("/etc/onsale/onsale.toml").unset("admin.key");
    let mut server = setup.set("admin.listen", "127.0.0.1:0").start();
    hear(&socket, "READY=1");
    hear(&socket, "WATCHDOG=1");
    assert_eq!(server.client().call(Call::get("/readyz")).await.status, 200);
    let operators = server.output();
    let operators = operators.split("/ops ").next().and_then(|before| before.rsplit("http://").next());
    let operators = operators.and_then(|address| address.parse().ok()).expect("where operators are");
    assert_eq!(Client::new(operators).call(Call::get("/metrics")).await.status, 200);
    server.client().call(Call::get("/metrics")).await.refused(404, "NOT_FOUND");
    assert!(server.terminate().success());
    assert!(hear(&socket, "STOPPING=1").contains("stopping"));

    root.sh("runuser -u onsale -- onsale audit --data /var/lib/onsale");
    root.sh("dpkg --purge onsale");
    let wanted = "/etc/systemd/system/multi-user.target.wants/onsale.service";
    let left = format!("ls -d /etc/onsale /usr/bin/onsale /var/lib/onsale/journal.db {wanted} 2>/dev/null || true");
    let left = root.sh(&left);
    assert_eq!(left, "/var/lib/onsale/journal.db\n");
}

/// Puts a file there by way of a pipe.
fn copy_into(root: &Root, from: &str, to: &str) {
    let file = std::fs::File::open(from).expect("the package");
    let enter = root.enter();
    run(Command::new(&enter[0]).args(&enter[1..]).args(["sh", "-c", &format!("cat > {to}")]).stdin(file));
}
