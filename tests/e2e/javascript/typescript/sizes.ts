export enum Size {
  Small = "S",
  Large = "L",
}
