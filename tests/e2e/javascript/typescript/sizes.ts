export enum Size {
  Small = "S",
  Large = "L",
}

export interface Exponents {
  usual: number;
}
