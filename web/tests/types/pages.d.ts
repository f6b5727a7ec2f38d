// What the pages' modules hand to each other, beside what comes from the API.

/** What may be in an element: nothing is drawn for null, undefined and false. */
type Child = Node | string | number | false | null | undefined | Child[];

/** Attributes of an element, and its listeners under `on…`. */
type Attributes = { [name: `on${string}`]: (event: any) => unknown; [name: string]: any };

/** Words as they are, in all depths: what TypeScript infers of a literal in JavaScript lets every name pass. */
type Words<T> = T extends (...given: any[]) => unknown ? T : T extends object ? { readonly [K in keyof T]: Words<T[K]> } : T;

declare namespace Wire {
  /** What goes with a call beside its method and address. */
  interface Options<B = unknown> {
    token?: string | null;
    body?: B;
    /** The Idempotency-Key. */
    key?: string;
    /** The entity tag of what is known already. */
    known?: string | null;
    signal?: AbortSignal;
    patienceMs?: number;
    /** Told before each wait, by `insist`. */
    onwait?: (error: Error) => void;
  }

  interface Answer<D> {
    data?: D;
    tag: string | null;
  }
}

/** A place that is followed. */
interface Followed {
  queue: string;
  token: string;
  place: Standing | null;
  mode: Mode;
  stop: AbortController;
}

/** A place; whoever has just joined is not told when a visit ends. */
type Standing = Omit<Wire.Place, "sessionExpiresAt"> & Partial<Pick<Wire.Place, "sessionExpiresAt">>;

type Mode = "live" | "polling" | "offline";

/** Who is told of a place. */
interface Follower {
  place(place: Wire.Place): void;
  news(item: Wire.News): void;
  mode(mode: Mode): void;
  refused(problem: Error): void;
}

/** A date, with the concert that it is of. */
type KnownSchedule = Wire.CatalogSchedule & { concert: Wire.CatalogConcert };

/** A reservation, with the token that it answers to. */
type Owned = Wire.Reservation & { token: string };

/** How a booking stands: the reservation, and the wallet that is to pay for it. */
interface Booking {
  reservation?: Wire.Reservation;
  balance: number;
}

/** A charge that had no answer, and was sent again: the balance after it, null where it was refused. `isAll`: nothing else
 * is added. */
interface EarlierCharge {
  amount: number;
  balance: number | null;
  isAll: boolean;
}

/** A ticket that this browser keeps, with the user whose it is. */
type KeptTicket = Wire.SeatTicket & { owner: number };

interface KeptCatalog {
  data: Wire.Catalog;
  tag: string | null;
}

/** What a seat is called, as far as that is known: its id always is. */
type Named = Pick<Wire.Seat, "seatId"> & Partial<Pick<Wire.Seat, "section" | "row" | "number">> & { standing?: boolean };

type Point = [x: number, y: number];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A section of the hall, and where it is drawn. */
interface Placed {
  name: string | null;
  seats: number;
  amountMin: number;
  amountMax: number;
  width: number;
  depth: number;
  outline: Point[];
  box: Box;
  center: Point;
  spanX: number;
  spanY: number;
  /** The place of a seat across (0 to 1) and deep (0 to 1) in it. */
  at(u: number, v: number): Point;
}

interface Hall {
  sections: Placed[];
  stage: Box;
  bounds: Box;
}

/** A seat, and where it is drawn. */
type PlacedSeat = Wire.Seat & Omit<Box, "width" | "height"> & { line: number; column: number };

/** What a place of an area where people stand costs: at the date's first price type, or at the one that is named. */
interface AreaPrice {
  section: string;
  priceType?: string;
  /** What the price type is called, where there are several. */
  name?: string;
  amount: number;
}

/** How many places of an area are chosen at a price. */
type ChosenArea = AreaPrice & { quantity: number };

/** The seats of a section; `pitch` is the distance of two neighbours. */
interface Grid {
  seats: PlacedSeat[];
  pitch: number;
}

/** What draws the hall. */
type MapCanvas = import("../../buyer/map/canvas.js").Canvas;

/** What is in sight, in the hall's units. */
interface Sight {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What is wrong, and the words for it. */
type Alarm = [what: string, words: string];

/** A part of the operator's page: each look at the server is shown to it. */
interface Part {
  element: HTMLElement;
  mounted?(): void;
  show?(now: Wire.OpsNow): void;
  stop?(): void;
}

/** What an operator is asked before something is done. */
interface Question {
  title: string;
  text?: string;
  changes?: [what: string, before: string, after: string][];
  verb: string;
  grave?: boolean;
  /** Whether a reason for the record is needed. */
  reason?: boolean;
  act(reason: string): Promise<unknown>;
}
