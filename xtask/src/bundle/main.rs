//! `xtask-bundle INPUT.wasm OUT_DIR NAME [--trim]`: wasm-bindgen as a library,
//! so that nobody has to install its command line tool in the right version.
//! With `--trim` what Leptos never calls is taken out first.

mod trim;

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (input, out_dir, name, trims) = match arguments.as_slice() {
        [input, out_dir, name] => (input, out_dir, name, false),
        [input, out_dir, name, trim] if trim == "--trim" => (input, out_dir, name, true),
        _ => {
            eprintln!("usage: xtask-bundle INPUT.wasm OUT_DIR NAME [--trim]");
            return ExitCode::from(2);
        }
    };
    let mut module = match walrus::ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(input)
    {
        Ok(module) => module,
        Err(error) => {
            eprintln!("{input}: {error:?}");
            return ExitCode::FAILURE;
        }
    };
    if trims && trim::trim(&mut module) == 0 {
        eprintln!("{input}: found nothing to trim; does Leptos name its functions otherwise?");
        return ExitCode::FAILURE;
    }
    let mut bindgen = Bindgen::new();
    let generated = bindgen
        .input_module(name, module)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(false)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:?}");
            ExitCode::FAILURE
        }
    }
}
