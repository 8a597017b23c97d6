import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../../core/base/text/printable.ts';
import type { Email } from '../../observability/alarms.ts';
import { writeToFolder } from '../buckets/folderBucket.ts';

/** SNS's e-mails on a laptop, a file each. What writes and reads them is loaded with the first one: it takes 0.1 s. */

const FROM = 'Swath <no-reply@swath.invalid>';

/** Puts an e-mail into the outbox, whole or not at all; its id, which it returns, sorts by time and says what it is about. */
export async function writeEmail(folder: string, email: Omit<Email, 'id'> & { about: string }): Promise<string> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const { time, to, about } = email;
  // Whatever is named in it: a mail program, or a terminal that shows the file, is not to obey it.
  const subject = printable(email.subject);
  const text = email.text.split('\n').map(printable).join('\n');
  const bytes = await new MailComposer({ from: FROM, to, subject, text, date: new Date(time) }).compile().build();
  const id = `${time.replaceAll(':', '-').replace('.', '-')}-${about}`;
  await writeToFolder(folder)(`${id}.eml`, bytes);
  return id;
}

export async function readOutbox(folder: string): Promise<Email[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort();
  if (names.length === 0) return [];
  const { default: PostalMime } = await import('postal-mime');
  return Promise.all(
    names.reverse().map(async (name) => {
      const email = await PostalMime.parse(await readFile(join(folder, name)));
      const { date: time = '', subject = '', text = '', to = [] } = email;
      const addresses = to.map(({ address = '' }) => address).join(', ');
      return { id: name.slice(0, -'.eml'.length), time, to: addresses, subject, text };
    }),
  );
}
