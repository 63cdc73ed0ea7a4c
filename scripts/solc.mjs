#!/usr/bin/env node
// The Solidity compiler as a command, where the native one cannot be had: npm's WebAssembly build of the same commit,
// with the same bytecode. Answers what py-solc-x and Foundry ask: `--version`, and `--standard-json` from stdin or a file.
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

// Stated rather than asked of the compiler: loading it takes half a second, and Ape asks several times a run.
const VERSION = '0.8.30+commit.73712a01.Emscripten.clang'
const PATH_OPTIONS = ['--base-path', '--include-path', '--allow-paths']

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

/** Command line to `{ mode, input, basePath, includePaths }`; words like the native compiler's for an unknown option. */
function parse(words) {
  const options = { mode: null, input: '-', basePath: '.', includePaths: [] }
  while (words.length > 0) {
    const [word, inline] = splitOnce(words.shift())
    if (word === '--version' || word === '--standard-json') options.mode = word
    else if (PATH_OPTIONS.includes(word)) setPath(options, word, inline ?? words.shift())
    else if (!word.startsWith('--')) options.input = word
    else fail(`unrecognised option '${word}'`)
  }
  return options
}

function splitOnce(word) {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

function setPath(options, word, value) {
  if (value === undefined) fail(`the required argument for option '${word}' is missing`)
  if (word === '--base-path') options.basePath = value || '.'
  if (word === '--include-path') options.includePaths.push(value)
  // --allow-paths widens what the native compiler may read; reading here never leaves base and include paths.
}

/** Import callback: the first of base path and include paths that has the file. */
function reader({ basePath, includePaths }) {
  return (name) => {
    for (const folder of [basePath, ...includePaths]) {
      const path = join(folder, name)
      if (relative(folder, path).startsWith('..')) return { error: `${name} lies outside ${folder}` }
      try {
        return { contents: readFileSync(path, 'utf8') }
      } catch (error) {
        if (!['ENOENT', 'ENOTDIR'].includes(error.code)) return { error: `${name}: ${error.message}` }
      }
    }
    return { error: `File not found: ${name} (base path ${basePath})` }
  }
}

async function compile(options) {
  const { default: solc } = await import('solc')
  if (solc.version() !== VERSION) fail(`solc in node_modules is ${solc.version()}, not ${VERSION}: run make setup`)
  const input = readFileSync(options.input === '-' ? 0 : options.input, 'utf8')
  process.stdout.write(`${solc.compile(input, { import: reader(options) })}\n`)
}

const options = parse(process.argv.slice(2))
if (options.mode === '--version') {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${VERSION}\n`)
} else if (options.mode === '--standard-json') await compile(options)
else fail('This compiler answers --version and --standard-json only.')
