//! Makes the tables in a database, and nothing in them: `make_tables postgres://user@host:port/database`.

use onsale_postgres::Target;
use onsale_tables::Tables;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("usage: make_tables URL")?;
    Tables::open_postgres(&Target::parse(&url, None)?)?;
    Ok(())
}
