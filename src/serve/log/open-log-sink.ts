import type { Descriptors } from "../../host/descriptors/descriptors.ts";
import { isJournalStream } from "../../host/journal-stream.ts";
import { journalBytes, plainText } from "./log-forms.ts";
import type { LogSink } from "./service-log.ts";

/** systemd-journald.socket. */
const journalSocket = "/run/systemd/journal/socket";

/** The journal, if standard error leads there; otherwise standard error. */
export function openLogSink(
  descriptors: Pick<Descriptors, "openDatagram" | "sealedFile">,
  environment: { readonly JOURNAL_STREAM?: string | undefined },
  write: (text: string) => void,
): LogSink {
  const isJournal = isJournalStream(environment.JOURNAL_STREAM);
  const asText: LogSink = (entry) => write(plainText(entry, { hasSeverity: isJournal }));
  if (!isJournal) return asText;
  const opened = descriptors.openDatagram(journalSocket);
  if (!opened.ok) return asText;
  const socket = opened.value;
  return (entry) => {
    const bytes = journalBytes(entry);
    const sent = socket.send(bytes);
    if (sent.ok) return;
    if (sent.problem.errno === "EMSGSIZE") {
      const file = descriptors.sealedFile("journal-entry", bytes);
      const isSent = file.ok && socket.sendFile(file.value).ok;
      if (file.ok) file.value.close();
      if (isSent) return;
    }
    asText(entry);
  };
}
