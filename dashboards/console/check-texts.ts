import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'svelte/compiler';
import { en } from './src/i18n/en.ts';
import { id } from './src/i18n/id.ts';
import { hardCodedTexts } from './hard-coded-texts.ts';
import { problemCodes, programOf } from './problem-codes.ts';

/**
 * Both languages are complete, every text is used, no page says something that is in no catalogue, and every problem
 * that the controller can answer with has its sentence. Prints what is wrong, one line each, and exits with 1.
 */
const source = join(import.meta.dirname, 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).map((name) => join(source, name));
const problems: string[] = [];

const placeholders = (text: string): string =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1])
    .sort()
    .join(' ');
const languages: Readonly<Record<string, Readonly<Record<string, string>>>> = { id, en };
for (const [language, texts] of Object.entries(languages)) {
  const other = languages[language === 'id' ? 'en' : 'id'] ?? {};
  for (const [key, text] of Object.entries(texts)) {
    if (text.trim() === '') problems.push(`${language} ${key}: the text is empty`);
    if (other[key] === undefined) problems.push(`${key} is in ${language} alone`);
    else if (placeholders(text) !== placeholders(other[key])) problems.push(`${key}: the placeholders differ`);
  }
}

// Keys that the code puts together: `state.${state}` uses every key that begins with `state.`.
const code = files.filter((file) => /\.(svelte|ts)$/.test(file) && !/i18n[/\\]|\.test\.ts$/.test(file));
const all = code.map((file) => readFileSync(file, 'utf8')).join('\n');
const made = [...all.matchAll(/`([a-z][\w.-]*\.)\$\{/g)].map((match) => match[1] ?? '');
for (const key of Object.keys(id)) {
  if (all.includes(`'${key}'`) || made.some((prefix) => key.startsWith(prefix))) continue;
  problems.push(`${key} is used nowhere`);
}

for (const file of code.filter((name) => name.endsWith('.svelte'))) {
  const text = readFileSync(file, 'utf8');
  for (const found of hardCodedTexts(parse(text, { modern: true }).fragment)) {
    const line = text.slice(0, found.start).split('\n').length;
    problems.push(
      `${relative(process.cwd(), file)}:${line} says “${found.text}” in no language: put it into the catalogues`,
    );
  }
}

// What only ever reaches a terminal: commands, and what keeps the controller from starting; and Telegraf's answers.
const onTerminal = /^src\/(cli|backup|database(?!\/collection)|demo)\/|^src\/config\.ts$/;
const notInConsole = /^error\.(api|mqtt|vault|write)\.|^error\.metrics\.(newer-file|no-address|no-token)$/;
const root = join(import.meta.dirname, '../..');
const { program, files: controller } = programOf(
  root,
  (file) => file.startsWith('src/') && !file.endsWith('.test.ts') && !onTerminal.test(file),
);
const { spoken, unknown } = problemCodes(program, controller);
for (const at of unknown)
  problems.push(`${at} tells a problem whose code cannot be known: give its type the codes it takes`);
for (const { key, arguments: given, at } of spoken) {
  if (notInConsole.test(key)) continue;
  const text = languages['id']?.[key];
  if (text === undefined) problems.push(`${at} tells ${key}, which has no sentence in the catalogues`);
  const open = [...(text ?? '').matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !given?.has(name));
  if (open.length > 0) problems.push(`${at} tells ${key} without {${open.join('}, {')}}, which its sentence needs`);
}
const told = new Set(spoken.map(({ key }) => key));
for (const key of Object.keys(id).filter((name) => /^(error|reason)\.\w[\w-]*\./.test(name))) {
  if (!told.has(key)) problems.push(`${key} is told by nothing in the controller`);
}

for (const problem of problems) process.stderr.write(problem + '\n');
process.exitCode = problems.length === 0 ? 0 : 1;
