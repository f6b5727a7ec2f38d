// What the pages use of uPlot.

interface Options {
  width: number;
  height: number;
  series: object[];
  axes?: object[];
  cursor?: object;
  legend?: object;
  scales?: object;
}

export default class uPlot {
  constructor(options: Options, data: (number | null)[][], parent: HTMLElement);
  readonly root: HTMLElement;
  readonly cursor: { idx?: number | null };
  setData(data: (number | null)[][]): void;
  setSize(size: { width: number; height: number }): void;
  setLegend(legend: { idx: number }, fire?: boolean): void;
  destroy(): void;
}
