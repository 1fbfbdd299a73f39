// Decides whether a statement is over soon, whatever the data: read from the program that SQLite makes of it, as EXPLAIN
// lists it. What is not known to be short is taken for long. https://www.sqlite.org/opcode.html

/** One instruction of a program. */
export interface Instruction {
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly p4: string | null;
  readonly p5: number;
}

export interface ShortProgram {
  /** It walks over tables: short where the whole file is small. */
  readonly scans: boolean;
  readonly writes: boolean;
  /** Whether it sets the rowid that was last inserted, if it changes anything. */
  readonly inserts: 'yes' | 'no' | 'perhaps';
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** They go to `p2`, which must lie ahead. */
const jumps =
  words(`Init Gosub Yield InitCoroutine Once If IfNot IsNull NotNull IfNullRow Eq Ne Lt Le Gt Ge ElseEq IfPos
  IfNotZero DecrJumpZero SeekLT SeekLE SeekGE SeekGT SeekRowid NotExists NotFound Found NoConflict IdxGE IdxGT IdxLE IdxLT
  Rewind Last Sort SorterSort MustBeInt RowSetRead RowSetTest FkIfZero SorterCompare`);

/** They go back to `p2` as long as a cursor has rows. */
const steps = words('Next Prev SorterNext');

const straight =
  words(`OpenRead OpenWrite OpenEphemeral OpenPseudo SorterOpen ReopenIdx Close ColumnsUsed Transaction Variable
  Integer Int64 Real String String8 Blob Null SoftNull NullRow Column Rowid IdxRowid DeferredSeek FinishSeek Affinity TypeCheck
  MakeRecord Insert IdxInsert Delete IdxDelete NewRowid Copy SCopy Move IntCopy ResultRow Halt HaltIfNull AggFinal Add Subtract
  Multiply Divide Remainder Concat BitAnd BitOr BitNot ShiftLeft ShiftRight And Or Not IsTrue Cast RealAffinity CollSeq Compare
  Permutation MemMax AddImm OffsetLimit Sequence SequenceTest SorterInsert SorterData RowData RowSetAdd FkCounter FkCheck
  ZeroOrNull Noop Explain ReleaseReg Offset BeginSubrtn Return EndCoroutine ResetCount`);

/** Of each, the time is bounded by what it gets and gives, and that is by SQLITE_LIMIT_LENGTH. */
const functions =
  words(`abs avg changes char coalesce concat concat_ws count date datetime glob group_concat hex ifnull iif if
  json json_array json_array_length json_extract json_group_array json_group_object json_insert json_object json_patch json_quote
  json_remove json_replace json_set json_type json_valid julianday last_insert_rowid length like likely lower ltrim max min nullif
  octet_length quote random round rtrim sign strftime string_agg substr substring subtype sum time total total_changes trim typeof
  unhex unicode unixepoch unlikely upper -> ->>`);

/** Flags in `p5`. */
const P2_IS_REGISTER = 0x10;
const LAST_ROWID = 0x20;
const IS_UPDATE = 0x04;

const MOST_INSTRUCTIONS = 2000;

/** Undefined: it may be long. `sequenceRoot`: the root page of `sqlite_sequence`, which has a row for each table. */
export function proveShort(program: readonly Instruction[], sequenceRoot: number): ShortProgram | undefined {
  const prologue = program[0]?.opcode === 'Init' ? program[0].p2 : 0;
  if (prologue <= 0 || program.length > MOST_INSTRUCTIONS) return undefined;
  const loops: { start: number; end: number; cursor: number | undefined }[] = [];
  let [scans, writes, inserts, updates] = [false, false, false, false];
  let coroutines = false;
  let firstSubroutine = Number.POSITIVE_INFINITY;

  for (const [address, { opcode, p1, p2, p3, p4, p5 }] of program.entries()) {
    if (opcode === 'Goto') {
      if (p2 > address || (p2 === 1 && address === program.length - 1 && address >= prologue)) continue;
      const target = program[p2]?.opcode;
      if (target === 'Yield') coroutines = true;
      else if (target === 'RowSetRead') loops.push({ start: p2, end: address, cursor: undefined });
      else return undefined;
    } else if (steps.has(opcode)) {
      if (p2 > address) return undefined;
      loops.push({ start: p2, end: address, cursor: p1 });
    } else if (opcode === 'Jump') {
      if (Math.min(p1, p2, p3) <= address) return undefined;
    } else if (jumps.has(opcode)) {
      // 0 stands for no jump at all.
      if (p2 <= address && p2 !== 0) return undefined;
      if (opcode === 'Gosub') firstSubroutine = Math.min(firstSubroutine, p2);
      if (p2 >= prologue && opcode !== 'Init' && address < prologue) return undefined;
    } else if (/^(Pure)?Function$|^Agg(Step1?|Inverse|Value)$/.test(opcode)) {
      if (!functions.has((p4 ?? '').replace(/\(-?\d+\)$/, ''))) return undefined;
    } else if (opcode === 'Clear' || opcode === 'Count') {
      scans = true;
    } else if (!straight.has(opcode)) {
      return undefined;
    }
    if (opcode === 'OpenRead' || opcode === 'OpenWrite') {
      if (p3 !== 0 || p5 & P2_IS_REGISTER) return undefined;
    }
    if (opcode === 'Transaction') {
      if (p1 !== 0) return undefined;
      writes ||= p2 !== 0;
    }
    if (opcode === 'Insert') {
      inserts ||= (p5 & LAST_ROWID) !== 0;
      updates ||= (p5 & IS_UPDATE) !== 0;
    }
  }

  // One loop inside of another multiplies, and so would one in what a loop calls. They stand here by their ends.
  for (const [index, { start, end }] of loops.entries()) {
    const next = loops[index + 1];
    if (next && next.start <= end) return undefined;
    if (end >= firstSubroutine || (coroutines && start > 0)) return undefined;
  }
  scans ||= loops.some(({ start, end, cursor }) => {
    // The prologue runs once and first: what it walks over, it has opened itself.
    const before = program.slice(start >= prologue ? prologue : 0, start >= prologue ? end : program.length);
    return cursor === undefined || isTable(before, cursor, sequenceRoot);
  });
  return { scans, writes, inserts: inserts ? (updates ? 'perhaps' : 'yes') : 'no' };
}

/** What is in other cursors, the program has put there. Cursor numbers are used again, so that each opening counts. */
function isTable(program: readonly Instruction[], cursor: number, sequenceRoot: number): boolean {
  return program.some(
    ({ opcode, p1, p2 }) => p1 === cursor && /^(Open(Read|Write)|ReopenIdx)$/.test(opcode) && p2 !== sequenceRoot,
  );
}
