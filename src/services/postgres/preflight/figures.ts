import { bytesLong, duration } from '../../../components/format.ts';

export const size = (bytes: number) => bytesLong(Math.round(bytes));

export const time = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : duration(ms));
