import {
  answer,
  createCommandLine,
  seedOption,
  wholeOption,
  wordsOption,
} from "../../protocols/command-line.ts";
import { runCampaign } from "../swarm/campaign.ts";
import { claimMutants, isClaimMutant } from "./mutants.ts";
import { claimsWorker, type ScheduleResult } from "./result.ts";

const schedulesDefault = 1_000;
const mutantNames = Object.keys(claimMutants).filter(isClaimMutant);

const help = `Claims: the shipped centre and shipped line agents of two lines in virtual time, under random
schedules of papers, waits that end, controls, words of customs, bad links, slow disks and programs
that are killed, judged by what has crossed the wires (laws 1 and 12).

  npm run claims -- [--schedules N [--from N] | --seed N] [--mutant NAME] [--threads N]

  --schedules  so many; every fourth has no holds, and loses one word of each claim
               (default ${schedulesDefault})
  --from       the first of their seeds (default 1)
  --seed       this one alone
  --mutant     put a fault into the product, and stop when it is caught:
               ${mutantNames.join(", ")}
  --threads    schedules at a time (default 2)

A schedule fails when a green divert is sent after its line has the change that forbids it, or later
than one lease after the hold was acknowledged, or on papers that were not all durable; when one is
sent behind a hold, or somebody is told that it may be, and no alarm says so; when a line is leased a
parcel of whose hold, or of whose wait that has ended, it was not told; when two parcels go to green
under one waybill; when anything is held or asked for once all passes are over; or when a parcel with
nothing against it misses green though only one word of its claim was lost, its paper came late, or a
program was killed that was back in time.
Exit codes: 0 all in order, 1 a schedule failed, 2 bad arguments. With --mutant, 0 means it was caught.`;

const commandLine = createCommandLine({
  name: "claims",
  usage: help,
  options: {
    schedules: wholeOption(1, 1_000_000),
    from: wholeOption(1, 0x3fff_ffff),
    seed: seedOption,
    mutant: wordsOption(mutantNames),
    threads: wholeOption(1, 64),
  },
});

async function main(): Promise<number> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const { schedules = schedulesDefault, from = 1, seed, threads = 2 } = read.values;
  const mutant = read.values.mutant.at(-1) ?? null;
  const seeds =
    seed === undefined ? Array.from({ length: schedules }, (_, index) => from + index) : [seed];
  const startedAt = performance.now();
  const total = {
    schedules: 0,
    failed: 0,
    parcels: 0,
    greens: 0,
    holds: 0,
    restarts: 0,
    expired: 0,
  };
  await runCampaign(seeds, {
    worker: claimsWorker,
    threads: Math.min(threads, seeds.length),
    mutant,
    onAnswer: (result: ScheduleResult) => {
      total.schedules += 1;
      total.parcels += result.parcels;
      total.greens += result.greens;
      total.holds += result.holds;
      total.restarts += result.restarts;
      total.expired += result.expired;
      if (result.wrong.length === 0) return "goOn";
      total.failed += 1;
      for (const each of result.wrong.slice(0, 5)) console.log(`seed ${result.seed}: ${each}`);
      return mutant === null ? "goOn" : "enough";
    },
  });
  const tookS = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(
    `${total.schedules} schedules, ${total.parcels} parcels, ${total.holds} holds, ` +
      `${total.restarts} programs killed, ${total.expired} leases over a wait that had ended, ` +
      `${total.greens} waybills to green, ${total.failed} schedules failed, ${tookS} s`,
  );
  if (mutant === null) return total.failed > 0 ? 1 : 0;
  console.log(`mutant ${mutant}: ${total.failed > 0 ? "caught" : "NOT CAUGHT"}`);
  return total.failed > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  // Not a schedule's failure but the command's own: above all a mutant that no longer fits.
  console.error(`claims: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
