// Loads and stores of capabilities and of their tags. CHERI ISAv9: LoadCap, StoreCap and StoreLocalCap permissions,
// natural alignment after the capability checks.
import { FORMS } from './memory.ts';

type Form = (typeof FORMS)[number];
const CAP = '0x80002010[GrwRW,0x80002000-0x80002100]';
const LOCAL = '0x80002010[rwRW,0x80002000-0x80002100]';
const BOUNDS = '0x80002000-0x80002100';

function authority(form: Form, permissions: string, at = '0x80002040', bounds = BOUNDS): string {
  return form.authority === 'ddc'
    ? `ddc=${at}[${permissions},${bounds}] a1=${at}`
    : `ca1=${at}[${permissions},${bounds}]`;
}

function accesses(form: Form): string {
  const { flags, suffix } = form;
  const load = `${flags}lc${suffix} ca0, ${form.operand(0)}`;
  const store = `${flags}sc${suffix} ca2, ${form.operand(0)}`;
  const by = form.authority;
  return `
## ${flags}lc${suffix} through ${by}
${load} | ${authority(form, 'rR')} mc[0x80002040]=${CAP} | ca0=${CAP}
${load} | ${authority(form, 'rR')} mc[0x80002040]=${CAP}:7 | ca0=${CAP}:7
${load} | ${authority(form, 'rR')} mc[0x80002040]=!${CAP} | ca0=!${CAP}
${load} | ${authority(form, 'rR')} mc[0x80002040]=- | ca0=-
${load} | ${authority(form, 'r')} mc[0x80002040]=${CAP} | ca0=!${CAP}
${load} | ${authority(form, 'wRW')} | capex load ${by}
${load} | ${authority(form, 'rR', '0x80002040', '0x80002000-0x8000204f')} | capex length ${by}
${load} | ${authority(form, 'rR', '0x80002048')} | trap 4 tval=0x80002048
${load.replace('ca0', 'cnull')} | ${authority(form, 'rR')} |
${load} | ${by === 'ddc' ? `ddc=!0x80002041[,0x80002000-0x80002010]:7 a1=0x80002041` : 'ca1=!0x80002041[,0x80002000-0x80002010]:7'} | capex tag ${by}
${load} | ${by === 'ddc' ? `ddc=0x80002041[,0x80002000-0x80002010]:7 a1=0x80002041` : 'ca1=0x80002041[,0x80002000-0x80002010]:7'} | capex seal ${by}
## ${flags}sc${suffix} through ${by}
${store} | ${authority(form, 'wW')} ca2=${CAP} | mc[0x80002040]=${CAP}
${store} | ${authority(form, 'wWL')} ca2=${LOCAL} | mc[0x80002040]=${LOCAL}
${store} | ${authority(form, 'w')} ca2=!${CAP} | mc[0x80002040]=!${CAP}
${store} | ${authority(form, 'w')} a2=7 | mc[0x80002040]=7
${store.replace('ca2', 'cnull')} | ${authority(form, 'w')} | mc[0x80002040]=-
${store} | ${authority(form, 'w')} ca2=${CAP} | capex storecap ${by}
${store} | ${authority(form, 'wW')} ca2=${LOCAL} | capex storelocal ${by}
${store} | ${authority(form, 'wW')} ca2=!${LOCAL} | mc[0x80002040]=!${LOCAL}
${store} | ${authority(form, 'rW')} ca2=${CAP} | capex store ${by}
${store} | ${authority(form, 'wW', '0x80002040', '0x80002000-0x8000204f')} ca2=${CAP} | capex length ${by}
${store} | ${authority(form, 'wW', '0x80002048')} ca2=${CAP} | trap 6 tval=0x80002048
${store} | ${by === 'ddc' ? `ddc=!0x80002041[,0x80002000-0x80002010]:7 a1=0x80002041` : 'ca1=!0x80002041[,0x80002000-0x80002010]:7'} | capex tag ${by}
${store} | ${by === 'ddc' ? `ddc=0x80002041[w,0x80002000-0x80002010] a1=0x80002041` : 'ca1=0x80002041[w,0x80002000-0x80002010]'} | capex storecap ${by}`;
}

export const CHERI_MEMORY = `
${FORMS.map(accesses).join('\n')}

## offsets
lc ca0, 16(a1) | a1=0x80002030 mc[0x80002040]=${CAP} | ca0=${CAP}
sc ca2, -16(a1) | a1=0x80002050 ca2=${CAP} | mc[0x80002040]=${CAP}
cap: lc ca1, 32(ca1) | ca1=0x80002020[rR,${BOUNDS}] mc[0x80002040]=${CAP} | ca1=${CAP}

## capabilities need memory
lc ca0, 0(a1) | a1=0x90000000 | trap 5 tval=0x90000000
sc ca0, 0(a1) | a1=0x90000000 | trap 7 tval=0x90000000
lc ca0, 0(a1) | a1=0x10000000 | trap 5 tval=0x10000000

## cloadtags: the tags of four granules
cloadtags a0, (ca1) | ca1=0x80002040[rR,${BOUNDS}] | a0=15
cloadtags a0, (ca1) | ca1=0x80002040[rR,${BOUNDS}] mc[0x80002050]=- mc[0x80002070]=- | a0=5
cap: cloadtags a0, (ca1) | ca1=0x80002000[rR,${BOUNDS}] mc[0x80002000]=- | a0=14
cloadtags a0, (ca1) | ca1=!0x80002041[,0x80002000-0x80002010]:7 | capex tag ca1
cloadtags a0, (ca1) | ca1=0x80002041[,0x80002000-0x80002010]:7 | capex seal ca1
cloadtags a0, (ca1) | ca1=0x80002041[R,0x80002000-0x80002010] | capex load ca1
cloadtags a0, (ca1) | ca1=0x80002041[r,0x80002000-0x80002010] | capex loadcap ca1
cloadtags a0, (ca1) | ca1=0x80002040[rR,0x80002000-0x8000207f] | capex length ca1
cloadtags a0, (ca1) | ca1=0x80002050[rR,${BOUNDS}] | trap 4 tval=0x80002050
`;
