import { chromium } from "@playwright/test";
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu"]});
for (const [w,h,scheme] of [[390,844,'light'],[1280,900,'light'],[1280,900,'dark'],[390,844,'dark']]) {
const p=await b.newPage({viewport:{width:w,height:h},colorScheme:scheme});
p.on('console',m=>m.type()=='error'&&console.log('console',m.text()));p.on('pageerror',e=>console.log('error',e.message));
await p.goto('http://127.0.0.1:8133/backtest?symbol=BTC%2FUSDT&timeframe=1h&strategy=supertrend');
await p.waitForFunction(()=>/%/.test(document.querySelector('.headline dd').textContent));await p.waitForTimeout(1500);
if(w==1280&&scheme=='light'){const s=p.locator('[data-for=period]');await s.focus();for(let i=0;i<40;i++){await p.keyboard.press(i<20?'ArrowRight':'ArrowLeft');await p.waitForTimeout(50)}
await p.waitForTimeout(800);console.log(await p.evaluate(()=>{const d=performance.getEntriesByName('signalbox:figures').map(e=>e.duration).sort((a,b)=>a-b);return {n:d.length,min:d[0],med:d[d.length>>1],p90:d[Math.floor(d.length*.9)],max:d.at(-1)}}));
await p.click('[data-do=sweep]');await p.waitForSelector('text=The heat map is done.');await p.click('[data-do=examine]');await p.waitForSelector('[data-verdict]',{timeout:60000});}
await p.screenshot({path:`/tmp/labsrv/${w}-${scheme}.png`});
await p.screenshot({path:`/tmp/labsrv/${w}-${scheme}-full.png`,fullPage:true});
await p.close();}
await b.close();
